/* SPDX-License-Identifier: MIT */
/* Bodies in content codings, as text for scripts. Made by coded.py, which says how; do not edit. */
#ifndef TEST_SUPPORT_CODED_H
#define TEST_SUPPORT_CODED_H

/* The text, and the text in each form. */
#define CODED_TEXT                                                                                 \
    "Neither rain nor snow nor gloom of night, neither rain nor snow nor heat of day. Neither rai" \
    "n nor snow nor gloom of night, neither rain nor snow nor heat of day. Neither rain nor snow " \
    "nor gloom of night, neither rain nor snow nor heat of day. Neither rain nor snow nor gloom o" \
    "f night, neither rain nor snow nor heat of day. Neither rain nor snow nor gloom of night, ne" \
    "ither rain nor snow nor heat of day. "
#define CODED_GZIP                                                                                 \
    "\37\213\10\0\0\0\0\0\2\3\363K\315,\311H-R(J\314\314S\310\313/R(\316\313/\0073\322s\362\363s"  \
    "\25\362\323\24\3622\3233Jt\24\362p\252\314HM,\1)LI\254\324S\360\0335\220b\3\1\77`O\326\225\1" \
    "\0\0"
#define CODED_GZIP_FIELDS                                                                          \
    "\37\213\10\36\0\0\0\0\0\3\4\0Ap\0\0name\0remark\0\355\300\363K\315,\311H-R(J\314\314S\310"    \
    "\313/R(\316\313/\0073\322s\362\363s\25\362\323\24\3622\3233Jt\24\362p\252\314HM,\1)LI\254"    \
    "\324S\360\0335\220b\3\1\77`O\326\225\1\0\0"
#define CODED_ZLIB                                                                                 \
    "x\332\363K\315,\311H-R(J\314\314S\310\313/R(\316\313/\0073\322s\362\363s\25\362\323\24\3622"  \
    "\3233Jt\24\362p\252\314HM,\1)LI\254\324S\360\0335\220b\3\1b%\220\331"
#define CODED_ZLIB_SMALL_WINDOW                                                                    \
    "\30\323\363K\315,\311H-R(J\314\314S\310\313/R(\316\313/\0073\322s\362\363s\25\362\323\24\362" \
    "2\3233Jt\24\362p\252\314HM,\1)LI\254\324S\360\0335\220b\3\1b%\220\331"
#define CODED_RAW                                                                                  \
    "\363K\315,\311H-R(J\314\314S\310\313/R(\316\313/\0073\322s\362\363s\25\362\323\24\3622\3233J" \
    "t\24\362p\252\314HM,\1)LI\254\324S\360\0335\220b\3\1"
#define CODED_RAW_STORED                                                                           \
    "\1\225\1j\376Neither rain nor snow nor gloom of night, neither rain nor snow nor heat of day" \
    ". Neither rain nor snow nor gloom of night, neither rain nor snow nor heat of day. Neither r" \
    "ain nor snow nor gloom of night, neither rain nor snow nor heat of day. Neither rain nor sno" \
    "w nor gloom of night, neither rain nor snow nor heat of day. Neither rain nor snow nor gloom" \
    " of night, neither rain nor snow nor heat of day. "
#define CODED_GZIP_OF_GZIP                                                                         \
    "\37\213\10\0\0\0\0\0\2\3\223\357\346`\0\1&\346\317\336guNz\350\6ix\2359\23|\342\264~\220\306" \
    "\271\323\372\354\306\227\212\77}.\26\375tY\344\223\321ec\257\22\221O\5\253\316x\370\3520j"    \
    "\372x\256\271\22\374A\332tB\0223\243}\202\377\265\251\214\14\14\0,\33\374\330N\0\0\0"
#define CODED_GZIP_OF_ZLIB                                                                         \
    "\37\213\10\0\0\0\0\0\2\3\1B\0\275\377x\332\363K\315,\311H-R(J\314\314S\310\313/R(\316\313/"   \
    "\0073\322s\362\363s\25\362\323\24\3622\3233Jt\24\362p\252\314HM,\1)LI\254\324S\360\0335\220b" \
    "\3\1b%\220\331\313\42\42\246B\0\0\0"

/* Framed. */
#define CODED_GZIP_LENGTH "78"
#define CODED_GZIP_CHUNKED "4e\r\n" CODED_GZIP "\r\n0\r\n\r\n"
#define CODED_ZLIB_LENGTH "66"
#define CODED_ZLIB_CHUNKED "42\r\n" CODED_ZLIB "\r\n0\r\n\r\n"
#define CODED_RAW_LENGTH "60"
#define CODED_RAW_CHUNKED "3c\r\n" CODED_RAW "\r\n0\r\n\r\n"

/* Nothing, and half of the text each. */
#define CODED_GZIP_NOTHING "\37\213\10\0\0\0\0\0\2\3\3\0\0\0\0\0\0\0\0\0"
#define CODED_GZIP_LEFT                                                                            \
    "\37\213\10\0\0\0\0\0\2\3\363K\315,\311H-R(J\314\314S\310\313/R(\316\313/\0073\322s\362\363s"  \
    "\25\362\323\24\3622\3233Jt\24\362p\252\314HM,\1)LI\254\324S\360\33\30\3\0011\312\331\302\310" \
    "\0\0\0"
#define CODED_GZIP_RIGHT                                                                           \
    "\37\213\10\0\0\0\0\0\2\3\313(\321Q\310K\315,\311H-R(J\314\314S\310\313/R(\316\313/\00732R\23" \
    "K\24\362\323\24R\22+\365\24\374p*K\317\311\317\317\5\251\313\313L\317\30@\3\1\254>\177M\315"  \
    "\0\0\0"

/* A zlib stream that needs a dictionary (RFC 1950, 2.2). */
#define CODED_ZLIB_DICTIONARY                                                                      \
    "x\371\35\263\4\232\363Cb+\344\345\27)\24\347\345\227\203\31\3519\371\371\271\12\371i\12y\231" \
    "\351\31%:\12y8Uf\244&\226\200\24\246$V\352)\214\32H\271\201\0b%\220\331"

/* Raw: a zero, CODED_ZEROS_EACH zeros for every middle, and as many at the back. */
#define CODED_ZEROS_FRONT "c\30"
#define CODED_ZEROS_MIDDLE "\5\243`\24\214\202Q0\12F\301(\30"
#define CODED_ZEROS_BACK "\5\243`\24\214\202Q0\12F\301(\0\0"
#define CODED_ZEROS_EACH 2064

/* Raw: a block of nothing, not the last one, for ever. */
#define CODED_RAW_NOTHING "\0\0\0\377\377"

#endif
