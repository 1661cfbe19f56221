"""Holds the tokenizer.json files that Rushlight saves against Hugging Face's `tokenizers`: the same ids, the same text.

    read_tokenizer.py RUSHLIGHT TEXT

Learns a tokenizer of every kind from the text, with each setting that changes the file, lets both programs encode and
decode the whole text, and exits with 1 where they differ. Made with tokenizers 0.23.3.
"""
import itertools
import pathlib
import subprocess
import sys
import tempfile

import tokenizers

KINDS = {
    "character": [],
    "character, unknown": ["--set", "unknown=true", "--set", "max_size=40"],
    "word": [],
    "word, at spaces": ["--set", "split=spaces"],
    "bpe": ["--set", "vocab_size=2000"],
}
NORMALIZERS = {
    "default": [],
    "none": ["--set", "unicode=none", "--set", "strip_control=false"],
    "all": ["--set", "unicode=nfkc", "--set", "lowercase=true", "--set", "strip_markup=true"],
}
BOUNDARIES = {"": [], "boundary": ["--boundary"]}


def run(*command, given=None):
    done = subprocess.run([str(part) for part in command], input=given, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stderr.decode()}")
    return done.stdout.decode()


def ids_in(path, size):
    width = 2 if size <= 1 << 16 else 4
    data = path.read_bytes()
    return [int.from_bytes(data[at : at + width], "little") for at in range(0, len(data), width)]


def main():
    program, text = sys.argv[1:]
    with open(text, newline="") as file:
        whole = file.read()
    print(run(program, "--version").strip(), "and tokenizers", tokenizers.__version__, f"over {text}")
    wrong = 0
    for settings in itertools.product(KINDS.items(), NORMALIZERS.items(), BOUNDARIES.items()):
        names, flags = zip(*settings)
        kind = names[0].split(",")[0]
        with tempfile.TemporaryDirectory() as folder:
            saved, coded = pathlib.Path(folder) / "tokenizer.json", pathlib.Path(folder) / "text.bin"
            run(program, "tokenizer", "train", text, "--kind", kind, *itertools.chain(*flags), "--out", saved)
            run(program, "tokenizer", "encode", "--tokenizer", saved, "--from", text, "--out", coded)
            theirs = tokenizers.Tokenizer.from_file(str(saved))
            ours = ids_in(coded, theirs.get_vocab_size())
            their_ids = theirs.encode(whole, add_special_tokens=False).ids
            same_ids = ours == their_ids
            some = ours[:5000]
            given = " ".join(map(str, some)).encode()
            our_text = run(program, "tokenizer", "decode", "--tokenizer", saved, given=given)
            same_text = our_text == theirs.decode(some, skip_special_tokens=True) + "\n"
        verdict = "the same" if same_ids and same_text else "OTHER IDS" if not same_ids else "OTHER TEXT"
        wrong += not (same_ids and same_text)
        print(f"{', '.join(name for name in names if name):40} {len(ours):9,} ids  {verdict}")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
