"""A voice's ONNX file, read and rewritten field by field, without the ``onnx`` package.

A file that is cut off, or still being copied, is told from a whole one by its lengths. And two
things are changed in the copy that is loaded: the length of each phoneme becomes an output, and the
noise becomes an input, so that the same text gives the same sound.

Format: ``onnx.proto`` of ONNX (ModelProto, GraphProto, NodeProto), in the protobuf wire format.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

# Wire types.
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
# Numbers of fields.
MODEL_GRAPH = 7
GRAPH_NODE, GRAPH_INITIALIZER, GRAPH_INPUT, GRAPH_OUTPUT = 1, 5, 11, 12
NODE_INPUT, NODE_OUTPUT, NODE_OP = 1, 2, 4
VALUE_NAME = 1

INPUTS = {"input", "input_lengths", "scales"}
SPEAKER = "sid"
NOISE = "lectern_noise"
FROM_ZERO = "lectern_from_zero"


class NotAModel(ValueError):
    """The file is no voice, or not a whole one; says which in words."""


class Field(NamedTuple):
    """A field of a message: where it begins, where its content does, and where that ends."""

    number: int
    wire: int
    begin: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What is to be known of a voice's graph."""

    inputs: frozenset[str]
    outputs: tuple[str, ...]
    lengths: str  # the tensor with each phoneme's length in frames; "" if there is none
    noises: tuple[Field, ...]  # the nodes that make noise


def outline(data: memoryview) -> Outline:
    """Read a voice's graph. Raises NotAModel."""
    graph = _graph(data)
    inputs, outputs, lengths, noises = [], [], [], []
    for field in _fields(data, graph.start, graph.end):
        if field.number == GRAPH_NODE:
            operation = _text(data, field, NODE_OP)
            if operation == "Ceil":
                lengths.append(_text(data, field, NODE_OUTPUT))
            elif operation == "RandomNormalLike":
                noises.append(field)
        elif field.number == GRAPH_INPUT:
            inputs.append(_text(data, field, VALUE_NAME))
        elif field.number == GRAPH_OUTPUT:
            outputs.append(_text(data, field, VALUE_NAME))
    if not set(inputs) >= INPUTS or not outputs:
        raise NotAModel("It is an ONNX file, but not a voice of Piper's.")
    only = lengths[0] if len(lengths) == 1 else ""
    return Outline(frozenset(inputs), tuple(outputs), only, tuple(noises))


def rewritten(data: memoryview) -> tuple[bytes, Outline]:
    """Return the model with lengths as an output and noise as an input, and what it was before."""
    found, graph = outline(data), _graph(data)
    parts: list[bytes | memoryview] = []
    at = graph.start
    for number, node in enumerate(found.noises):
        parts += [data[at : node.begin], *_given_noise(data, node, number)]
        at = node.end
    parts.append(data[at : graph.end])
    if found.noises:
        parts += [
            _message(GRAPH_INPUT, _vector(noise_name(number)))
            for number in range(len(found.noises))
        ]
        parts.append(_message(GRAPH_INITIALIZER, _zero(FROM_ZERO)))
    if found.lengths and found.lengths not in found.outputs:
        parts.append(_message(GRAPH_OUTPUT, _string(VALUE_NAME, found.lengths)))
    length = sum(map(len, parts))
    head: list[bytes | memoryview] = [
        data[: graph.begin],
        _varint(MODEL_GRAPH << 3 | BYTES),
        _varint(length),
    ]
    whole: list[bytes | memoryview] = [*head, *parts, data[graph.end :]]
    return b"".join(whole), found


def noise_name(number: int) -> str:
    return f"{NOISE}_{number}"


def _given_noise(data: memoryview, node: Field, number: int) -> list[bytes]:
    """Return nodes in place of one that makes noise of a tensor's shape: as much of an input."""
    like, made = _text(data, node, NODE_INPUT), _text(data, node, NODE_OUTPUT)
    shape, size, flat = (f"{noise_name(number)}_{part}" for part in ("shape", "size", "flat"))
    return [
        _node("Shape", [like], shape),
        _node("ReduceProd", [shape], size),
        _node("Slice", [noise_name(number), FROM_ZERO, size], flat),
        _node("Reshape", [flat, shape], made),
    ]


def _graph(data: memoryview) -> Field:
    graphs = [field for field in _fields(data, 0, len(data)) if field.number == MODEL_GRAPH]
    if len(graphs) != 1 or graphs[0].wire != BYTES:
        raise NotAModel("It is not an ONNX file.")
    return graphs[0]


def _fields(data: memoryview, at: int, end: int) -> Iterator[Field]:
    while at < end:
        begin = at
        tag, at = _read_varint(data, at, end)
        number, wire = tag >> 3, tag & 7
        start = at
        if wire == VARINT:
            _, at = _read_varint(data, at, end)
        elif wire == BYTES:
            length, start = _read_varint(data, at, end)
            at = start + length
        elif wire in (FIXED32, FIXED64):
            at += 4 if wire == FIXED32 else 8
        if number == 0 or wire not in (VARINT, BYTES, FIXED32, FIXED64):
            raise NotAModel("It is damaged, or not an ONNX file.")
        if at > end:
            raise NotAModel("It is cut off: a part of the file is missing.")
        yield Field(number, wire, begin, start, at)


def _text(data: memoryview, field: Field, number: int) -> str:
    """Return the first text of that number in a message, "" if there is none."""
    for inner in _fields(data, field.start, field.end):
        if inner.number == number and inner.wire == BYTES:
            return bytes(data[inner.start : inner.end]).decode("utf-8", "replace")
    return ""


def _read_varint(data: memoryview, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while at < end and shift < 64:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise NotAModel("It is cut off: a part of the file is missing.")


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    written.append(value)
    return bytes(written)


def _message(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | BYTES) + _varint(len(content)) + content


def _string(number: int, text: str) -> bytes:
    return _message(number, text.encode())


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3 | VARINT) + _varint(value)


def _node(operation: str, inputs: list[str], output: str) -> bytes:
    names = b"".join(_string(NODE_INPUT, name) for name in inputs)
    return _message(GRAPH_NODE, names + _string(NODE_OUTPUT, output) + _string(NODE_OP, operation))


def _vector(name: str) -> bytes:
    """Return a ValueInfoProto of a float vector whose length is not fixed."""
    shape = _message(1, _string(2, f"{name}_length"))
    tensor = _number(1, 1) + _message(2, shape)
    return _string(VALUE_NAME, name) + _message(2, _message(1, tensor))


def _zero(name: str) -> bytes:
    """Return a TensorProto of one whole number, 0."""
    return _number(1, 1) + _number(2, 7) + _message(7, b"\x00") + _string(8, name)
