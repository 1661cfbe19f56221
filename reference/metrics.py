"""BLEU and chrF as sacreBLEU 2.6.0 counts them, ROUGE as rouge-score 0.1.2 does, on lines made to be hard to cut; spans as
seqeval 1.2.2 counts them, on tags drawn by chance.

The hypotheses are French sentences of Tatoeba (CC BY 2.0, see datasets/tatoeba) with words dropped, swapped, doubled and
changed in case, and lines written here; each line has two references.
"""
import json
import random
from pathlib import Path

from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics import BLEU, CHRF
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.metrics.sequence_labeling import get_entities

import common

SENTENCES = 60
TOKENS = ("13a", "intl", "char", "none")
SMOOTHING = (("exp", None), ("none", None), ("floor", None), ("floor", 0.5), ("add-k", None), ("add-k", 0.3))

# hypothesis, reference, another reference
ODD = [
    ("", "Nothing was written here.", "Something."),
    ("Something was written.", "", ""),
    ("   ", "white space alone", "\u2003"),
    ("It cost $1,000.50, i.e. 3-4 times (or 5%) more!", "It cost 1,000.50 $; i.e. 3 - 4 times - or 5 % - more !", "It costs $1,000.5."),
    ("in 1999.", "In 1999 .", "in 1999,"),
    ("2.5,3 .5 5. ,a .b-c 3-d", "2.5 ,3 . 5 5 . , a. b - c 3 - d", "2.5"),
    ("&quot;Yes&quot; &amp;amp; &lt;no&gt; &apos;", "\"Yes\" &amp; <no> '", "“Yes” & <no> &apos;"),
    ("a <skipped> b", "a b", "a  b"),
    ("„Straße“ – ‚GROSS‘ … ½ € 3€", "„Strasse“ — 'gross' ... 0,5 Euro 3 €", "„STRASSE“ – ‚groß‘ …"),
    ("ΟΔΟΣ ΣΑΣ İstanbul ﬁn", "οδος σας istanbul fin", "ΟΔΟΣ σας"),
    ("我爱你，中国。 日本語テキスト", "我爱中国。 日本語のテキスト", "我很爱你，中国！"),
    ("١٬٢٣٤ و ٣٫٥؛ شكرا", "١٢٣٤ و ٣٫٥ ؛ شكرا", "شكرا"),
    ("naïve café e\u0301te\u0301", "nai\u0308ve cafe\u0301 été", "naïve café été"),
    ("tab\there\u00a0and\u2009there\u3000too", "tab here and there too", "tab here"),
    ("one\u001ctwo\u001dthree\u001efour\u001ffive\u0085six", "one two three four five six", "one two"),
    ("\ufeffmark first", "mark first", "\ufeffmark"),
    ("(hi) 'tis \"so\" ... -- a-b", "( hi ) it's 'so' … – a - b", "(hi"),
    ("the the the the the the the", "the cat is on the mat", "there is a cat on the mat"),
    ("x", "x", "y"),
    ("one two three", "one two three", "one two three four"),
    ("😀 good 👍🏽 flag 🇫🇷!", "good 👍 flag 🇫🇷 !", "😀 good"),
    ("K Å ſ", "k å s", "K Å ſ"),
]

# For ROUGE-Lsum: sentences on lines of their own.
SUMMARIES = [
    ("the police killed the gunman\nthe gunman was in the house", "police killed the gunman\nthe gunman died in the house", "the gunman"),
    ("a b c d e\nw x y z a b", "w1 w2 a b c\n\nb c d z", "a b\nc d"),
    ("", "one\ntwo", "x"),
    ("one\n\ntwo three two", "two one two\nthree two", "two"),
]


def lines():
    rng = random.Random(4)
    path = Path(__file__).resolve().parent.parent / "datasets/tatoeba/test.tsv"
    french = [line.split("\t")[1] for line in path.read_text(encoding="utf-8").splitlines()[:SENTENCES]]
    made = []
    for sentence in french:
        versions = []
        for _ in range(2):
            words = sentence.split(" ")
            for _ in range(rng.randrange(4)):
                at = rng.randrange(len(words))
                change = rng.randrange(4)
                if change == 0 and len(words) > 1:
                    del words[at]
                elif change == 1:
                    words.insert(at, words[at])
                elif change == 2:
                    words[at] = words[at].upper()
                else:
                    other = rng.randrange(len(words))
                    words[at], words[other] = words[other], words[at]
            versions.append(" ".join(words))
        made.append((versions[0], sentence, versions[1]))
    return made + ODD


def bleu(all_lines):
    hypotheses, first, second = (list(column) for column in zip(*all_lines))
    for tokens in TOKENS:
        for lowercase in (False, True):
            for references in ([first], [first, second]):
                for smoothing, value in SMOOTHING:
                    settings = dict(tokenize=tokens, lowercase=lowercase, smooth_method=smoothing, smooth_value=value)
                    metric = BLEU(**settings)
                    score = metric.corpus_score(hypotheses, references)
                    one = BLEU(**settings, effective_order=True)
                    alone = [one.sentence_score(h, list(r)).score for h, *r in zip(hypotheses, *references)]
                    yield dict(
                        settings, references=len(references), signature=str(metric.get_signature()), line=str(score),
                        score=score.score, precisions=score.precisions, bp=score.bp, written=score.sys_len,
                        reference=score.ref_len, sentences=alone,
                    )


def chrf(all_lines):
    hypotheses, first, second = (list(column) for column in zip(*all_lines))
    for words in (0, 1, 2):
        for beta in (1, 2, 3):
            for lowercase in (False, True):
                for references in ([first], [first, second]):
                    metric = CHRF(word_order=words, beta=beta, lowercase=lowercase)
                    score = metric.corpus_score(hypotheses, references)
                    alone = [metric.sentence_score(h, list(r)).score for h, *r in zip(hypotheses, *references)]
                    yield dict(
                        words=words, beta=beta, lowercase=lowercase, references=len(references),
                        signature=str(metric.get_signature()), label=score.name, score=score.score, sentences=alone,
                    )


def rouge(all_lines):
    kinds = ["rouge1", "rouge2", "rouge3", "rougeL", "rougeLsum"]
    scorer = RougeScorer(kinds)
    for hypothesis, *references in all_lines:
        one, several = scorer.score(references[0], hypothesis), scorer.score_multi(references, hypothesis)
        yield {kind: [list(one[kind]), list(several[kind])] for kind in kinds}


def spans():
    """Sentences of tags, most of them sound, with the spans in each, and the scores of each set of sentences."""
    rng = random.Random(6)
    tag = lambda: rng.choice(["O", "O", "O"] + [f"{place}-{kind}" for place in "BIIES" for kind in ("a", "b", "c-d")] + ["B", "I"])
    for _ in range(20):
        written, wanted = [], []
        for _ in range(rng.randrange(1, 12)):
            tags = [tag() for _ in range(rng.randrange(1, 15))]
            wanted.append(tags)
            written.append([tag() if rng.random() < 0.2 else kept for kept in tags])
        scores = dict(precision=precision_score, recall=recall_score, f1=f1_score)
        yield dict(
            written=written, wanted=wanted, spans=[get_entities(tags) for tags in wanted],
            **{name: float(score(wanted, written, zero_division=0)) for name, score in scores.items()},
        )


def path():
    return common.CRATES / "score/tests/golden/metrics.json"


def text():
    all_lines, summaries = lines(), lines() + SUMMARIES
    made = dict(
        lines=all_lines, summaries=summaries, bleu=list(bleu(all_lines)), chrf=list(chrf(all_lines)), rouge=list(rouge(summaries)),
        spans=list(spans()),
    )
    return json.dumps(made, ensure_ascii=True) + "\n"


def main():
    path().parent.mkdir(parents=True, exist_ok=True)
    path().write_text(text())


if __name__ == "__main__":
    main()
