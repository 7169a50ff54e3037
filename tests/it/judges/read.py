"""Reads a result as another program would, and prints it as JSON.

read.py csv|json|ndjson|xml, with the result on standard input.
"""

import csv
import io
import json
import sys
import xml.etree.ElementTree as ElementTree


def tree(element):
    """Name (with namespace), attributes, text, children."""
    return [element.tag, dict(element.attrib), element.text or "", [tree(child) for child in element]]


def main():
    text = sys.stdin.buffer.read().decode()
    if sys.argv[1] == "csv":
        result = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    elif sys.argv[1] == "json":
        result = json.loads(text)
    elif sys.argv[1] == "ndjson":
        result = [json.loads(line) for line in text.split("\n") if line]
    else:
        result = tree(ElementTree.fromstring(text))
    json.dump(result, sys.stdout, ensure_ascii=False)


main()
