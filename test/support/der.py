# SPDX-License-Identifier: MIT
"""Certificates, and lists of revoked ones, byte by byte (RFC 5280, X.690), so that they may be as odd as a test wants them."""
import dataclasses
import ipaddress
import subprocess

SEQUENCE, SET, OCTETS, BITS, INTEGER, BOOLEAN, NULL, UTF8 = 0x30, 0x31, 4, 3, 2, 1, 5, 12
SERIAL = 1 << 24  # so that all have the same length
FORMS = {"email": 0x81, "DNS": 0x82, "dir": 0xA4, "URI": 0x86, "IP": 0x87}
ATTRIBUTES = {"CN": "2.5.4.3", "C": "2.5.4.6", "O": "2.5.4.10", "OU": "2.5.4.11",
              "email": "1.2.840.113549.1.9.1"}
USAGES = ("digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
          "keyCertSign", "cRLSign")
PURPOSES = {"server": "1.3.6.1.5.5.7.3.1", "client": "1.3.6.1.5.5.7.3.2",
            "mail": "1.3.6.1.5.5.7.3.4", "any": "2.5.29.37.0"}
SIGNATURES = {
    ("rsa", "md5"): "1.2.840.113549.1.1.4", ("rsa", "sha1"): "1.2.840.113549.1.1.5",
    ("rsa", "sha256"): "1.2.840.113549.1.1.11", ("ec", "sha1"): "1.2.840.10045.4.1",
    ("ec", "sha256"): "1.2.840.10045.4.3.2", ("ec", "sha384"): "1.2.840.10045.4.3.3",
}


def der(tag, *parts):
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def oid(text):
    first, second, *rest = map(int, text.split("."))
    body = bytes([40 * first + second])
    for number in rest:
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.insert(0, number & 0x7F | 0x80)
        body += bytes(digits)
    return der(6, body)


def name(text):
    """O=one/CN=two"""
    pairs = [part.split("=", 1) for part in text.split("/")] if text else []
    return der(SEQUENCE, *(der(SET, der(SEQUENCE, oid(ATTRIBUTES[key]), der(UTF8, value.encode())))
                           for key, value in pairs))


def general_name(text):
    """DNS:text, IP:address or address/mask (of a constraint), dir:NAME, email:text, URI:text"""
    form, value = text.split(":", 1)
    if form == "IP" and "/" in value:
        network = ipaddress.ip_network(value)
        body = network.network_address.packed + network.netmask.packed
    elif form == "IP":
        body = ipaddress.ip_address(value).packed
    else:
        body = name(value) if form == "dir" else value.encode("latin-1")
    return der(FORMS[form], body)


def time(text):
    """2020, or the whole 20200101000000Z; RFC 5280, 4.1.2.5 has years before 2050 with two digits."""
    text = text if len(text) > 4 else text + "0101000000Z"
    return der(0x17, text[2:].encode()) if text < "2050" else der(0x18, text.encode())


def extension(number, value, is_critical=False):
    return der(SEQUENCE, oid(number), der(BOOLEAN, b"\xff") if is_critical else b"", der(OCTETS, value))


def key_usage(usages):
    bits = sum(0x80 >> USAGES.index(usage) for usage in usages)
    return extension("2.5.29.15", der(BITS, bytes([0, bits])), True)


def basic_constraints(is_authority, path_len):
    return extension("2.5.29.19", der(
        SEQUENCE, der(BOOLEAN, b"\xff") if is_authority else b"",
        b"" if path_len is None else der(INTEGER, bytes([path_len]))), True)


def subtrees(tag, names):
    return der(tag, *(der(SEQUENCE, general_name(text)) for text in names)) if names else b""


def constraints(permitted=(), excluded=(), is_critical=False):
    return extension("2.5.29.30", der(SEQUENCE, subtrees(0xA0, permitted), subtrees(0xA1, excluded)),
                     is_critical)


@dataclasses.dataclass(frozen=True)
class Certificate:
    """What one says. Empty or None: there is no such extension."""
    subject: str = "CN=server"
    issuer: str = "middle"  # which of the authorities; None: itself
    key: str = "server"
    names: tuple = ("DNS:www.good.test",)
    usages: tuple = ()
    purposes: tuple = ("server",)
    is_authority: bool = False  # or None
    path_len: int = None
    more: bytes = b""  # extensions
    start: str = "2020"
    end: str = "2049"
    version: int = 3
    digest: str = "sha256"
    is_broken: bool = False  # its signature

    def extensions(self):
        found = self.more
        if self.is_authority is not None:
            found += basic_constraints(self.is_authority, self.path_len)
        if self.names:
            found += extension("2.5.29.17", der(SEQUENCE, *map(general_name, self.names)))
        if self.usages:
            found += key_usage(self.usages)
        if self.purposes:
            found += extension("2.5.29.37", der(SEQUENCE, *(oid(PURPOSES[p]) for p in self.purposes)))
        return found


class Keys:
    """Private keys by name, in files; what they are is said as to `openssl genpkey -algorithm`."""

    def __init__(self, root, kinds):
        self.root = root
        self.kinds = {key: kind.lower() for key, (kind, *_) in kinds.items()}
        for key, (kind, *options) in kinds.items():
            self.openssl("genpkey", "-algorithm", kind, *options, "-out", f"{key}.key")
        self.public = {key: self.openssl("pkey", "-in", f"{key}.key", "-pubout", "-outform", "DER")
                       for key in kinds}

    def openssl(self, *arguments, data=b""):
        return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True,
                              cwd=self.root).stdout

    def sign(self, key, digest, data):
        return self.openssl("dgst", f"-{digest}", "-sign", f"{key}.key", data=data)


def algorithm_of(keys, key, digest):
    kind = keys.kinds[key]
    return der(SEQUENCE, oid(SIGNATURES[kind, digest]), der(NULL) if kind == "rsa" else b"")


def seal(keys, key, said, body):
    """With the signature that a certificate or a list says."""
    signature = bytearray(keys.sign(key, said.digest, body))
    signature[-1] ^= said.is_broken
    return der(SEQUENCE, body, algorithm_of(keys, key, said.digest), der(BITS, b"\0", bytes(signature)))


def write(keys, certificate, issuer_subject, issuer_key, serial):
    is_v3 = certificate.version == 3
    body = der(
        SEQUENCE, der(0xA0, der(INTEGER, b"\2")) if is_v3 else b"",
        der(INTEGER, (SERIAL + serial).to_bytes(4, "big")),
        algorithm_of(keys, issuer_key, certificate.digest), name(issuer_subject),
        der(SEQUENCE, time(certificate.start), time(certificate.end)), name(certificate.subject),
        keys.public[certificate.key], der(0xA3, der(SEQUENCE, certificate.extensions())) if is_v3 else b"")
    return seal(keys, issuer_key, certificate, body)


def points(*urls):
    """Where the lists are that have the certificate if it is revoked."""
    return extension("2.5.29.31", der(SEQUENCE, *(
        der(SEQUENCE, der(0xA0, der(0xA0, general_name(f"URI:{url}")))) for url in urls)))


def scope(*parts):
    """For which certificates a list is."""
    return extension("2.5.29.28", der(SEQUENCE, *parts), True)


@dataclasses.dataclass(frozen=True)
class RevocationList:
    """What one says."""
    serials: tuple = ()
    start: str = "2020"
    end: str = "2049"
    more: bytes = b""  # extensions
    digest: str = "sha256"
    is_broken: bool = False  # its signature


def write_list(keys, said, issuer_subject, issuer_key):
    entries = [der(SEQUENCE, der(INTEGER, (SERIAL + serial).to_bytes(4, "big")), time(said.start))
               for serial in said.serials]
    body = der(
        SEQUENCE, der(INTEGER, b"\1"), algorithm_of(keys, issuer_key, said.digest), name(issuer_subject),
        time(said.start), time(said.end), der(SEQUENCE, *entries) if entries else b"",
        der(0xA0, der(SEQUENCE, said.more)) if said.more else b"")
    return seal(keys, issuer_key, said, body)
