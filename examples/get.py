#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""get.py URL: download a resource to standard output, and tell which address it came from.

Binds WinHTTP by name, as any language can: libwinhttp16.so has the plain names with text of 16 bits.
"""
import ctypes
import sys
import urllib.parse
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint16, c_uint32, c_void_p

ACCESS_TYPE_DEFAULT_PROXY = 0
FLAG_SECURE = 0x00800000
QUERY_STATUS_CODE_NUMBER = 19 | 0x20000000
STATUS_CONNECTED_TO_SERVER = 8
STATUS_CALLBACK = ctypes.CFUNCTYPE(None, c_void_p, c_size_t, c_uint32, c_void_p, c_uint32)

LIBRARY = ctypes.CDLL("libwinhttp16.so.0")


def bind(name, result, *arguments):
    function = getattr(LIBRARY, name)
    function.restype, function.argtypes = result, arguments
    return function


# HANDLEs are c_void_p, text that goes in is c_char_p, DWORDs are c_uint32, BOOLs are c_int.
Open = bind("WinHttpOpen", c_void_p, c_char_p, c_uint32, c_char_p, c_char_p, c_uint32)
SetStatusCallback = bind("WinHttpSetStatusCallback", c_void_p, c_void_p, STATUS_CALLBACK, c_uint32,
                         c_size_t)
Connect = bind("WinHttpConnect", c_void_p, c_void_p, c_char_p, c_uint16, c_uint32)
OpenRequest = bind("WinHttpOpenRequest", c_void_p, c_void_p, c_char_p, c_char_p, c_char_p, c_char_p,
                   c_void_p, c_uint32)
SendRequest = bind("WinHttpSendRequest", c_int, c_void_p, c_char_p, c_uint32, c_void_p, c_uint32,
                   c_uint32, c_size_t)
ReceiveResponse = bind("WinHttpReceiveResponse", c_int, c_void_p, c_void_p)
QueryHeaders = bind("WinHttpQueryHeaders", c_int, c_void_p, c_uint32, c_char_p, c_void_p,
                    POINTER(c_uint32), c_void_p)
ReadData = bind("WinHttpReadData", c_int, c_void_p, c_void_p, c_uint32, POINTER(c_uint32))
CloseHandle = bind("WinHttpCloseHandle", c_int, c_void_p)
GetLastError = bind("GetLastError", c_uint32)


def wide(text):
    """As WinHTTP takes it: UTF-16 with a NUL."""
    return (text + "\0").encode("utf-16-le")


def from_wide(address):
    """As it comes from WinHTTP, up to the NUL."""
    units = ctypes.cast(address, POINTER(c_uint16))
    end = next(i for i in range(1 << 16) if not units[i])
    return ctypes.string_at(address, end * 2).decode("utf-16-le")


def check(result):
    if not result:
        raise OSError(f"WinHTTP error {GetLastError()}")
    return result


@STATUS_CALLBACK
def on_status(_handle, _context, status, information, _length):
    if status == STATUS_CONNECTED_TO_SERVER:
        print("connected to", from_wide(information), file=sys.stderr)


def get(url, out):
    parts = urllib.parse.urlsplit(url)
    secure = FLAG_SECURE if parts.scheme == "https" else 0
    path = parts.path + ("?" + parts.query if parts.query else "")
    session = check(Open(wide("get.py/1.0"), ACCESS_TYPE_DEFAULT_PROXY, None, None, 0))
    SetStatusCallback(session, on_status, STATUS_CONNECTED_TO_SERVER, 0)
    connect = check(Connect(session, wide(parts.hostname), parts.port or 0, 0))
    request = check(OpenRequest(connect, wide("GET"), wide(path), None, None, None, secure))
    check(SendRequest(request, None, 0, None, 0, 0, 0))
    check(ReceiveResponse(request, None))
    status, size = c_uint32(), c_uint32(4)
    check(QueryHeaders(request, QUERY_STATUS_CODE_NUMBER, None, byref(status), byref(size), None))
    buffer, count = ctypes.create_string_buffer(64 * 1024), c_uint32(1)
    while count.value:
        check(ReadData(request, buffer, len(buffer), byref(count)))
        out.write(buffer.raw[:count.value])
    for handle in (request, connect, session):
        CloseHandle(handle)
    return status.value


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: get.py URL")
    if (answer := get(sys.argv[1], sys.stdout.buffer)) != 200:
        sys.exit(f"get.py: the server answers {answer}")
