"""Makes datasets/names/makemore-test.txt: the lines of names.txt, counted from 0, that makemore.py holds out, in its order.

makemore.py seeds with 3407, permutes all names and keeps the last 1,000 from training; so does this.
"""
import torch

import common

SEED = 3407  # makemore.py's own
HELD_OUT = 1000


def path():
    return common.CRATES.parent / "datasets/names/makemore-test.txt"


KEPT = path()
NAMES = KEPT.with_name("names.txt")


def main():
    count = len(NAMES.read_text().splitlines())
    assert count == 32_033, count
    torch.manual_seed(SEED)
    held_out = torch.randperm(count)[-HELD_OUT:].tolist()
    path().parent.mkdir(parents=True, exist_ok=True)
    path().write_text("".join(f"{line}\n" for line in held_out))
    print(f"{path().stat().st_size:7,} bytes  {path().relative_to(common.CRATES.parent)}")


if __name__ == "__main__":
    main()
