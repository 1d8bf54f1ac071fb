/* SPDX-License-Identifier: MIT */
/*
 * The numbers of winhttp/extensions.h: options of WinHttpSetOption, in a range of their own that begins
 * at 0x8000, far above those of Windows.
 *
 * Whom to trust: a server's certificate must be signed, directly or through others, by one of the
 * system's authorities (SSL_CERT_FILE and SSL_CERT_DIR, else the distribution's). A session can trust
 * others besides, or only its own. That counts for requests that are sent from then on; their
 * connections are shared with no session that trusts others.
 */
#ifndef WINHTTP_EXTENSION_OPTIONS_H
#define WINHTTP_EXTENSION_OPTIONS_H

/*
 * Certificates of authorities that the session trusts besides: bytes, not WCHARs; PEM, as many as
 * there are, or one in DER. They replace what was set before; a length of 0 takes them away. What
 * cannot be read among others is left out; ERROR_INVALID_DATA when nothing can, and all is as before.
 */
#define WINHTTP_POSIX_OPTION_ROOTS 0x8000

/*
 * The same from a file, or from the files of a folder: text, its name, whose length counts bytes as
 * with other text. Read again when it changes, within two seconds. "" takes it away. Fails with
 * ERROR_FILE_NOT_FOUND, ERROR_ACCESS_DENIED, ERROR_INVALID_DATA when there is no certificate in it.
 */
#define WINHTTP_POSIX_OPTION_ROOTS_FILE 0x8001

/* BOOL, settable and queryable: whether the system's authorities are trusted. TRUE until it is set. */
#define WINHTTP_POSIX_OPTION_SYSTEM_ROOTS 0x8002

/*
 * A file or folder with lists of revoked certificates (CRLs), each PEM or DER, that requests with
 * WINHTTP_ENABLE_SSL_REVOCATION look into, before they fetch any from where a certificate says: text, its
 * name, whose length counts bytes. Lists beside the system's authorities, which OpenSSL names by a hash
 * and ".r0", are looked into without. Read again when it changes, within two seconds. "" takes it away.
 * Fails with ERROR_FILE_NOT_FOUND, ERROR_ACCESS_DENIED, ERROR_INVALID_DATA when there is no list in it that
 * can be used.
 */
#define WINHTTP_POSIX_OPTION_CRL_FILE 0x8003

#endif
