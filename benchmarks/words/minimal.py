"""The construction of a minimal automaton, compiled by numba: millions of strings in seconds."""

from __future__ import annotations

import numba
import numpy as np

from service.matching.words.dictionary.automaton import COUNT, FINAL, FOLLOWS, TARGET_BYTES

_PRIME = np.uint64(0x9E3779B97F4A7C15)


@numba.njit(cache=True)
def minimal(text, ends):
    """Incremental construction (Daciuk and others, 2000): equal ends become one node."""
    room = len(text) + 1
    final = np.zeros(room, np.uint8)
    first = np.zeros(room + 1, np.int64)
    label = np.zeros(room, np.uint8)
    target = np.zeros(room, np.int64)
    slots = np.full(1 << 16, -1, np.int64)
    depth_max = 512
    open_label = np.zeros((depth_max, 256), np.uint8)
    open_target = np.zeros((depth_max, 256), np.int64)
    open_count = np.zeros(depth_max, np.int64)
    open_final = np.zeros(depth_max, np.uint8)
    count = np.int64(0)
    depth = np.int64(0)
    before = np.int64(0)
    for number in range(len(ends)):
        low = ends[number - 1] if number else 0
        high = ends[number]
        last = number == len(ends) - 1
        same = np.int64(0)
        if number and not last:
            low, high = ends[number], ends[number + 1]
        elif not last:
            low, high = ends[0], ends[1]
        if not last and number:
            while same < depth and same < high - low and text[before + same] == text[low + same]:
                same += 1
        while depth > same or (last and depth >= 0):
            edges = open_count[depth]
            value = np.uint64(open_final[depth]) + np.uint64(edges)
            for edge in range(edges):
                value = (value ^ np.uint64(open_label[depth, edge])) * _PRIME
                value = (value ^ np.uint64(open_target[depth, edge])) * _PRIME
                value ^= value >> np.uint64(29)
            mask = np.uint64(len(slots) - 1)
            slot = value & mask
            node = np.int64(-1)
            while slots[slot] >= 0:
                other = slots[slot]
                if final[other] == open_final[depth] and first[other + 1] - first[other] == edges:
                    equal = True
                    for edge in range(edges):
                        at = first[other] + edge
                        if (
                            label[at] != open_label[depth, edge]
                            or target[at] != open_target[depth, edge]
                        ):
                            equal = False
                            break
                    if equal:
                        node = other
                        break
                slot = (slot + np.uint64(1)) & mask
            if node < 0:
                node = count
                count += 1
                final[node] = open_final[depth]
                for edge in range(edges):
                    label[first[node] + edge] = open_label[depth, edge]
                    target[first[node] + edge] = open_target[depth, edge]
                first[node + 1] = first[node] + edges
                slots[slot] = node
            open_count[depth] = 0
            open_final[depth] = 0
            depth -= 1
            if depth < 0:
                break
            at = open_count[depth] - 1
            open_target[depth, at] = node
            if 2 * count > len(slots):
                slots = _grown(slots, count, final, first, label, target)
        if last:
            break
        for at in range(low + same, high):
            edge = open_count[depth]
            open_label[depth, edge] = text[at]
            open_count[depth] = edge + 1
            depth += 1
        open_final[depth] = 1
        before = low
    edges = first[count]
    return final[:count], first[: count + 1], label[:edges], target[:edges]


@numba.njit(cache=True)
def _grown(slots, count, final, first, label, target):
    larger = np.full(4 * len(slots), -1, np.int64)
    mask = np.uint64(len(larger) - 1)
    for node in range(count):
        value = np.uint64(final[node]) + np.uint64(first[node + 1] - first[node])
        for at in range(first[node], first[node + 1]):
            value = (value ^ np.uint64(label[at])) * _PRIME
            value = (value ^ np.uint64(target[at])) * _PRIME
            value ^= value >> np.uint64(29)
        slot = value & mask
        while larger[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        larger[slot] = node
    return larger


@numba.njit(cache=True)
def layout(final, first, label, target):
    """The nodes as bytes, the root first; a node's last child stands behind it where it can."""
    nodes = len(final)
    place = np.full(nodes, -1, np.int64)
    order = np.empty(nodes, np.int64)
    follows = np.full(nodes, -1, np.int64)
    waiting = np.empty(len(label) + 1, np.int64)
    waiting[0] = nodes - 1
    depth, count, size = 1, 0, 0
    while depth:
        depth -= 1
        node = waiting[depth]
        while node >= 0 and place[node] < 0:
            place[node] = size
            order[count] = node
            count += 1
            edges = first[node + 1] - first[node]
            size += 1 + (edges >= COUNT) + edges + TARGET_BYTES * edges
            after = np.int64(-1)
            for edge in range(first[node], first[node + 1]):
                if place[target[edge]] < 0:
                    if after >= 0:
                        waiting[depth] = target[after]
                        depth += 1
                    after = edge
            follows[node] = after
            if after >= 0:
                size -= TARGET_BYTES
                node = target[after]
            else:
                node = np.int64(-1)
    out = np.empty(size, np.uint8)
    at = 0
    for number in range(count):
        node = order[number]
        edges = first[node + 1] - first[node]
        after = follows[node]
        out[at] = FOLLOWS * (after >= 0) | FINAL * final[node] | min(edges, COUNT)
        at += 1
        if edges >= COUNT:
            out[at] = edges
            at += 1
        for edge in range(first[node], first[node + 1]):
            if edge != after:
                out[at] = label[edge]
                at += 1
        if after >= 0:
            out[at] = label[after]
            at += 1
        for edge in range(first[node], first[node + 1]):
            if edge != after:
                value = place[target[edge]]
                for _ in range(TARGET_BYTES):
                    out[at] = value & 255
                    value >>= 8
                    at += 1
    return out[:at]
