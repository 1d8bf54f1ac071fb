#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""coded.py | clang-format > coded.h: bodies in content codings, made by Python's zlib."""
import struct
import zlib

TEXT = b"Neither rain nor snow nor gloom of night, neither rain nor snow nor heat of day. " * 5
COLUMNS = 100

TOP = """/* SPDX-License-Identifier: MIT */
/* Bodies in content codings, as text for scripts. Made by coded.py, which says how; do not edit. */
#ifndef TEST_SUPPORT_CODED_H
#define TEST_SUPPORT_CODED_H
"""


def deflate(data, bits, level=9):
    coder = zlib.compressobj(level, zlib.DEFLATED, bits)
    return coder.compress(data) + coder.flush()


def gzip(data):
    return deflate(data, 31)


def gzip_with_every_field(data):
    """FEXTRA, FNAME, FCOMMENT and FHCRC (RFC 1952, 2.3)."""
    head = b"\x1f\x8b\x08\x1e\0\0\0\0\0\x03" + struct.pack("<H", 4) + b"Ap\0\0" + b"name\0" + b"remark\0"
    head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    return head + deflate(data, -15) + struct.pack("<II", zlib.crc32(data), len(data))


def zeros():
    """A raw stream whose middle, 13 bytes, is so many zeros each time: a literal 0, then matches of
    258 bytes at distance 1 in the fixed code, 13 bits each."""
    match = "11000101" + "00000"
    times = 8
    bits = "110" + "00110000" + match * times * 3 + "0000000"
    whole = bytes(int(bits[i:i + 8].ljust(8, "0")[::-1], 2) for i in range(0, len(bits), 8))
    front = 11 // 8 + 1
    period = 13
    front_and_back = whole[:front], whole[front:front + period], whole[front + period * 3 - period:]
    decoder = zlib.decompressobj(-15)
    assert decoder.decompress(whole) == bytes(1 + 258 * times * 3) and decoder.eof
    decoder = zlib.decompressobj(-15)
    many = front_and_back[0] + front_and_back[1] * 999 + front_and_back[2]
    assert decoder.decompress(many) == bytes(1 + 258 * times * 1000) and decoder.eof
    return front_and_back


def literal(data):
    text = ""
    for i, byte in enumerate(data):
        is_digit_next = i + 1 < len(data) and 0x30 <= data[i + 1] <= 0x39
        if 0x20 <= byte < 0x7F and byte not in b'"\\?':
            text += chr(byte)
        else:
            text += f"\\{byte:03o}" if is_digit_next else f"\\{byte:o}"
        yield text
        text = ""


def define(name, data):
    print(f"#define {name}".ljust(COLUMNS - 1) + "\\")
    lines = []
    line = ""
    for piece in literal(data):
        if len(line) + len(piece) > COLUMNS - 8:
            lines.append(line)
            line = ""
        line += piece
    lines.append(line)
    print("\n".join((f'    "{line}"'.ljust(COLUMNS - 1) + "\\") for line in lines[:-1]), end="")
    print(("\n" if lines[:-1] else "") + f'    "{lines[-1]}"')


def define_framed(name, data):
    """The value of Content-Length, and the body in one chunk (RFC 9112, 7.1)."""
    print(f'#define {name}_LENGTH "{len(data)}"')
    print(f'#define {name}_CHUNKED "{len(data):x}\\r\\n" {name} "\\r\\n0\\r\\n\\r\\n"')


def main():
    front, middle, back = zeros()
    print(TOP)
    print("/* The text, and the text in each form. */")
    define("CODED_TEXT", TEXT)
    define("CODED_GZIP", gzip(TEXT))
    define("CODED_GZIP_FIELDS", gzip_with_every_field(TEXT))
    define("CODED_ZLIB", deflate(TEXT, 15))
    define("CODED_ZLIB_SMALL_WINDOW", deflate(TEXT, 9))
    define("CODED_RAW", deflate(TEXT, -15))
    define("CODED_RAW_STORED", deflate(TEXT, -15, 0))
    define("CODED_GZIP_OF_GZIP", gzip(gzip(TEXT)))
    define("CODED_GZIP_OF_ZLIB", gzip(deflate(TEXT, 15)))
    print("\n/* Framed. */")
    define_framed("CODED_GZIP", gzip(TEXT))
    define_framed("CODED_ZLIB", deflate(TEXT, 15))
    define_framed("CODED_RAW", deflate(TEXT, -15))
    print("\n/* Nothing, and half of the text each. */")
    define("CODED_GZIP_NOTHING", gzip(b""))
    define("CODED_GZIP_LEFT", gzip(TEXT[:200]))
    define("CODED_GZIP_RIGHT", gzip(TEXT[200:]))
    print("\n/* A zlib stream that needs a dictionary (RFC 1950, 2.2). */")
    coder = zlib.compressobj(9, zlib.DEFLATED, 15, 8, 0, b"Neither rain")
    define("CODED_ZLIB_DICTIONARY", coder.compress(TEXT) + coder.flush())
    print("\n/* Raw: a zero, CODED_ZEROS_EACH zeros for every middle, and as many at the back. */")
    define("CODED_ZEROS_FRONT", front)
    define("CODED_ZEROS_MIDDLE", middle)
    define("CODED_ZEROS_BACK", back)
    print("#define CODED_ZEROS_EACH 2064")
    print("\n/* Raw: a block of nothing, not the last one, for ever. */")
    define("CODED_RAW_NOTHING", b"\0\0\0\xff\xff")
    print("\n#endif")


main()
