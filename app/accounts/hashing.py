"""How passwords are hashed: slowly, so that who has got hold of the table can try few words on it."""

# 32 MB and a twentieth of a second for every word tried.
METHOD = "scrypt:32768:8:1"


def slow_hash(password: str) -> str:
    """Give what is kept of a password: the method, a salt of its own, and the hash."""
    # Imported here: it loads the web.
    from werkzeug.security import generate_password_hash

    return generate_password_hash(password, METHOD)
