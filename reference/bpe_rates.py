"""Compares how fast Rushlight and Hugging Face's `tokenizers` learn a BPE and turn text into ids, and in how much memory.

    bpe_rates.py corpus OUT BYTES TEXT...                             makes a text of that many bytes out of others
    bpe_rates.py compare RUSHLIGHT TEXT [--vocabulary N] [--rounds N]  learns from it and encodes it with both

The text is the others one after the other, again and again; from the second time on, one word in twenty has other
vowels, another way each time, so that rare words grow in number as they do in text that nobody repeats.

Both do the same work: normaliser and words (`pre_tokenizer`) are those of Rushlight's tokenizer.json, and the ids must be
equal. When Rushlight has learned it encodes the text once more, to tell how many ids it has; that is in its seconds. Each
program runs by itself, in turn; seconds and memory are those of its whole process, in its quickest round.
Made with tokenizers 0.23.3.
"""
import argparse
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

PIECE = 1 << 14  # characters that `tokenizers` encodes at once; 4 times more or less changes nothing


def corpus(out, size, texts):
    texts = [pathlib.Path(text).read_text(errors="replace") for text in texts]
    written, copy = 0, 0
    with open(out, "wb") as file:
        while written < size:
            for text in texts:
                piece = (varied(text, copy) if copy else text).encode()
                # No character is cut in two.
                file.write(piece[: max(0, size - written)].decode(errors="ignore").encode())
                written += len(piece)
            copy += 1
    print(f"{out}: {os.path.getsize(out):,} bytes, {copy} copies")


def varied(text, seed):
    chance = random.Random(seed)

    def respelled(word):
        if chance.random() >= 0.05:
            return word[0]
        vowels = list("aeiou")
        chance.shuffle(vowels)
        return word[0].translate(str.maketrans("aeiou", "".join(vowels)))

    return re.sub(r"[^\W\d_]{3,}", respelled, text)


def pieces(text):
    """Cut before a space behind something else: no word goes on from one into the other."""
    place = re.compile(r"(?<=\S)(?=[ \n])")
    at = 0
    while at < len(text):
        found = place.search(text, min(at + PIECE, len(text)))
        end = found.start() if found else len(text)
        yield text[at:end]
        at = end


def hf_train(text, like, vocabulary, out):
    from tokenizers import Tokenizer, pre_tokenizers, trainers

    tokenizer = Tokenizer.from_file(like)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, min_frequency=2, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train([text], trainer)
    tokenizer.save(out)


def hf_encode(text, tokenizer, out):
    import numpy
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(tokenizer)
    wide = tokenizer.get_vocab_size() > 1 << 16
    with open(text, newline="") as file:
        whole = list(pieces(file.read()))
    with open(out, "wb") as file:
        for first in range(0, len(whole), 512):
            for encoded in tokenizer.encode_batch_fast(whole[first : first + 512], add_special_tokens=False):
                file.write(numpy.array(encoded.ids, dtype="<u4" if wide else "<u2").tobytes())


def measured(command):
    start = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"failed: {' '.join(map(str, command))}")
    return time.perf_counter() - start, usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime


def compare(program, text, vocabulary, rounds):
    import tokenizers

    megabytes = os.path.getsize(text) / 1e6
    best = {}
    with tempfile.TemporaryDirectory() as folder:
        at = pathlib.Path(folder)
        for _ in range(rounds):
            for name in ["ours.json", "theirs.json", "ours.bin", "theirs.bin"]:
                (at / name).unlink(missing_ok=True)
            mine = [program, "tokenizer"]
            own = [sys.executable, __file__]
            steps = {
                "train, rushlight": [*mine, "train", text, "--set", f"vocab_size={vocabulary}", "--out", at / "ours.json"],
                "train, tokenizers": [*own, "hf-train", text, at / "ours.json", vocabulary, at / "theirs.json"],
                "encode, rushlight": [
                    *mine, "encode", "--tokenizer", at / "ours.json", "--from", text, "--out", at / "ours.bin",
                ],
                "encode, tokenizers": [*own, "hf-encode", text, at / "ours.json", at / "theirs.bin"],
            }  # fmt: skip
            for name, command in steps.items():
                now = measured(command)
                best[name] = min(best.get(name, now), now)
            same = (at / "ours.bin").read_bytes() == (at / "theirs.bin").read_bytes()
            assert same, "the ids differ"
        ids = os.path.getsize(at / "ours.bin") // (2 if vocabulary <= 1 << 16 else 4)
        models = [json.loads((at / name).read_text())["model"] for name in ("ours.json", "theirs.json")]
    shared = len(models[0]["vocab"].keys() & models[1]["vocab"].keys())
    print(f"{text}: {megabytes:.1f} MB, {ids:,} ids, the same from both; tokenizers {tokenizers.__version__}")
    print(f"tokens in both vocabularies: {shared:,} of {len(models[0]['vocab']):,}")
    print(f"{'':20} {'seconds':>8} {'MB/s':>7} {'CPU s':>7} {'peak MB':>8}")
    for name, (seconds, memory, processor) in best.items():
        print(f"{name:20} {seconds:8.2f} {megabytes / seconds:7.1f} {processor:7.1f} {memory / 1e6:8.0f}")


def main():
    if sys.argv[1:2] == ["hf-train"]:
        text, like, vocabulary, out = sys.argv[2:]
        return hf_train(text, like, int(vocabulary), out)
    if sys.argv[1:2] == ["hf-encode"]:
        return hf_encode(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_subparsers(dest="what", required=True)
    making = what.add_parser("corpus")
    making.add_argument("out")
    making.add_argument("bytes", type=int)
    making.add_argument("texts", nargs="+")
    comparing = what.add_parser("compare")
    comparing.add_argument("rushlight")
    comparing.add_argument("text")
    comparing.add_argument("--vocabulary", type=int, default=8000)
    comparing.add_argument("--rounds", type=int, default=3)
    flags = parser.parse_args()
    if flags.what == "corpus":
        corpus(flags.out, flags.bytes, flags.texts)
    else:
        compare(flags.rushlight, flags.text, flags.vocabulary, flags.rounds)


if __name__ == "__main__":
    main()
