# SPDX-License-Identifier: MIT
"""verify.py: the opinion of `openssl verify`, for certificates.py and revocation.py."""
import re
import subprocess


def opinions(root, title, meanings, *arguments):
    """Which of meanings, {word: numbers of X509_V_ERR_}, OpenSSL names; all that it says must be among them."""
    done = subprocess.run(["openssl", "verify", "-no-CApath", "-no-CAstore", *arguments], cwd=root,
                          capture_output=True, text=True)
    numbers = {int(number) for number in re.findall(r"^error (\d+) at \d+ depth", done.stderr, re.M)}
    if bool(done.returncode) != bool(numbers) or numbers - set().union(*meanings.values()):
        raise RuntimeError(f"openssl verify, {title}: {done.stdout}{done.stderr}")
    return [word for word, meant in meanings.items() if meant & numbers]
