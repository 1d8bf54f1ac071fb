#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""apache.py: Apache httpd on free loopback ports for as long as standard input stays open.

Makes a folder with files, programs and a configuration, starts httpd on ports that it keeps bound
meanwhile (so the kernel chooses them and gives them to nobody else), waits until it answers, and tells
what real_server.py says, and:

    http        port, on 127.0.0.1 and, where there is IPv6, on ::1
    three       port on 127.0.0.1 where a connection serves three requests
    https       port on 127.0.0.1, TLS 1.2 and 1.3
    ca_file     the certificate authority to trust
    hasty       port on 127.0.0.1 where a connection is kept for a tenth of a second

What there is to be had: see apache.h. Used by test/support/apache.c.
"""
import gzip
import os
import shutil

import nginx
import real_server

MODULES = ["mpm_event", "authz_core", "alias", "mime", "env", "setenvif", "headers", "filter",
           "deflate", "ratelimit", "cgid", "dav", "dav_fs", "usertrack",
           "socache_shmcb", "ssl"]
MODULE_FOLDER = "/usr/lib/apache2/modules"

CONFIG = """
ServerRoot {root}
ServerName localhost
DefaultRuntimeDir {root}
PidFile {root}/apache.pid
ErrorLog {root}/error.log
{user}
StartServers 1
ServerLimit 2
ThreadsPerChild 32
MaxRequestWorkers 64
MinSpareThreads 1
MaxSpareThreads 64
KeepAliveTimeout 60
MaxKeepAliveRequests 0
{listen}

TypesConfig /dev/null
AddType text/plain .txt
AddType application/octet-stream .bin
AddEncoding x-gzip .gz
DocumentRoot {root}/files
<Directory {root}>
    Require all granted
</Directory>

ScriptSock {root}/cgid.sock
ScriptAlias /cgi/ {root}/cgi/
DavLockDB {root}/tmp/locks
Alias /upload {root}/upload
<Location /upload>
    Dav On
</Location>

DeflateCompressionLevel 1
Alias /gzip {root}/files
<Location /gzip>
    SetOutputFilter DEFLATE
</Location>
Alias /slow {root}/files
<Location /slow>
    SetOutputFilter RATE_LIMIT
    SetEnv rate-limit 4096
</Location>

SetEnvIf Request_URI ^/old/ downgrade-1.0 force-response-1.0 nokeepalive
Alias /old/cgi {root}/cgi
<Directory {root}/cgi>
    Options ExecCGI
    SetHandler cgi-script
</Directory>
Alias /old {root}/files

RedirectMatch 301 ^/moved/301/(.*)$ /$1
RedirectMatch 302 ^/moved/302/(.*)$ /$1
RedirectMatch 303 ^/moved/303/(.*)$ /$1
RedirectMatch 307 ^/moved/307/(.*)$ /$1
RedirectMatch 308 ^/moved/308/(.*)$ /$1

Alias /tracked {root}/files
<Location /tracked>
    CookieTracking on
    CookieName visitor
    CookieExpires "2 weeks"
</Location>
<Location /denied>
    Require all denied
</Location>
<Location /cgi/echo/little>
    LimitRequestBody 1000
</Location>

<VirtualHost *:{three}>
    # After the first.
    MaxKeepAliveRequests 2
</VirtualHost>
SSLSessionCache shmcb:{root}/sessions(512000)
<VirtualHost *:{https}>
    SSLEngine on
    SSLProtocol -all +TLSv1.2 +TLSv1.3
    SSLCertificateFile {root}/good.crt
    SSLCertificateKeyFile {root}/good.key
    SSLOptions +StdEnvVars
</VirtualHost>
<VirtualHost *:{hasty}>
    KeepAliveTimeout 100ms
</VirtualHost>
"""


def make_programs(root):
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "apache_cgi")
    shutil.copytree(folder, f"{root}/cgi")
    with open(f"{root}/files/1m.bin", "rb") as file:
        data = gzip.compress(file.read(), 1)
    with open(f"{root}/files/1m.bin.gz", "wb") as file:
        file.write(data)


def start(root, listeners):
    """As root httpd serves as somebody else, who must get at the folder."""
    is_root = os.geteuid() == 0
    os.chmod(root, 0o755)
    for folder in ("upload", "tmp"):
        os.chmod(f"{root}/{folder}", 0o777)
    listen = "\n".join(f"Listen {real_server.address_of(listener)}"
                       for sockets in listeners.values() for listener in sockets)
    modules = "".join(f"LoadModule {name}_module {MODULE_FOLDER}/mod_{name}.so\n"
                      for name in MODULES)
    ports = {name: real_server.port_of(sockets) for name, sockets in listeners.items()}
    with open(f"{root}/apache.conf", "w") as file:
        file.write(modules + CONFIG.format(root=root, listen=listen, **ports,
                                           user="User nobody\nGroup nogroup" if is_root else ""))
    return real_server.start(root, ["apache2", "-DFOREGROUND", "-f", f"{root}/apache.conf"], {}, [])


def run(root):
    real_server.make_files(root, "Hello from apache.")
    make_programs(root)
    nginx.prepare_authorities(root)
    nginx.make_certificate(root, "good", "ca", "good", "20200101000000Z", "20491231000000Z")
    listeners = {name: real_server.bind_both(name == "http" and real_server.has_ipv6(), False)
                 for name in ("http", "https", "three", "hasty")}
    real_server.serve(root, start(root, listeners), listeners, [("ca_file", f"{root}/ca.crt")])


if __name__ == "__main__":
    real_server.main("apache", run)
