"""What the programs here share about releases."""


def ranges(indices, versions):
    """3.0.0-3.2.3,3.9.2,4.0.0-: a range without an end goes on to the newest release."""
    spans = []
    for index in indices:
        if spans and spans[-1][1] == index - 1:
            spans[-1][1] = index
        else:
            spans.append([index, index])
    last = len(versions) - 1
    return ",".join(
        versions[a] + "-" if b == last else versions[a] if a == b else f"{versions[a]}-{versions[b]}" for a, b in spans
    )
