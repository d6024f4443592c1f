"""Who may what with accounts."""

from .matrix import METHODS, SIGN_IN, Row, anybody, signed_in

SIGN_IN_DATA = {"username": "nobody", "password": "x"}
SIGN_UP_DATA = {"username": "carol"}
NEW_PASSWORD = {"old_password": "wrong", "new_password1": "x", "new_password2": "x"}
RESET = r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$"
RESET_AT = "/accounts/password/reset/key/1-set-password/"
CONFIRM = r"accounts/^confirm-email/(?P<key>[-:\w]+)/$"
CONFIRM_AT = "/accounts/confirm-email/no-such-key/"
SSO = "accounts/oidc/<slug:provider_id>/login/"
NO_PROVIDER = {"provider_id": lambda own: "sso"}
FACTOR = "accounts/2fa/"
KEY = {"pk": lambda own: 1}  # nobody has one: only who has just proved who they are gets on
# To the page that asks who it is.
SURE = 302


def outside(method: str, route: str, answer: int, **more) -> Row:
    """A page for those who are not signed in: all others are in already."""
    return Row(method, route, 302, 302, 302, answer, **more)


ROWS = [
    # At the door.
    outside("GET", "accounts/login/", 200),
    outside("POST", "accounts/login/", 200, data=SIGN_IN_DATA),
    outside("PUT", "accounts/login/", 200),
    outside("GET", "accounts/first/<slug:token>/", 410, ids={"token": lambda own: "x"}),
    anybody("POST", "accounts/logout/", 302),
    # There are accounts, so a further one needs an invitation.
    outside("GET", "accounts/signup/", 404),
    outside("POST", "accounts/signup/", 404, data=SIGN_UP_DATA),
    outside("PUT", "accounts/signup/", 404),
    outside("PATCH", "accounts/signup/", 404),
    outside("DELETE", "accounts/signup/", 404),
    outside("GET", "accounts/invitation/<slug:secret>/", 410, ids={"secret": lambda own: "x"}),
    anybody("GET", "accounts/inactive/", 200),
    # A new password.
    anybody("GET", "accounts/password/reset/", 200),
    anybody("POST", "accounts/password/reset/", 302, data={"email": "nobody@example.org"}),
    anybody("PUT", "accounts/password/reset/", 200),
    anybody("GET", "accounts/password/reset/done/", 200),
    anybody("GET", RESET, 410, address=RESET_AT),
    anybody("POST", RESET, 410, address=RESET_AT),
    anybody("PUT", RESET, 410, address=RESET_AT),
    anybody("PATCH", RESET, 410, address=RESET_AT),
    anybody("DELETE", RESET, 410, address=RESET_AT),
    anybody("GET", "accounts/confirm-email/", 200),
    anybody("GET", CONFIRM, 200, address=CONFIRM_AT),
    anybody("POST", CONFIRM, 404, address=CONFIRM_AT),
    # Whoever is signed in.
    signed_in("GET", "accounts/", 200),
    signed_in("GET", "accounts/password_change/", 200),
    signed_in("POST", "accounts/password_change/", 200, data=NEW_PASSWORD),
    signed_in("PUT", "accounts/password_change/", 200),
    signed_in("GET", "accounts/password_change/done/", 200),
    signed_in("GET", "accounts/email/", 200),
    signed_in("POST", "accounts/email/", 302),
    signed_in("PUT", "accounts/email/", 302),
    signed_in("GET", "accounts/sessions/", 200),
    signed_in("POST", "accounts/sessions/", 302),
    signed_in("GET", "accounts/data/", SURE),
    signed_in("POST", "accounts/data/", SURE),
    signed_in("GET", "accounts/delete/", SURE),
    signed_in("POST", "accounts/delete/", SURE, data={"name": "alice"}),
    anybody("GET", "accounts/deleted/", 200),
    signed_in("GET", "accounts/reauthenticate/", 200),
    signed_in("POST", "accounts/reauthenticate/", 200, data={"password": "wrong"}),
    signed_in("PUT", "accounts/reauthenticate/", 200),
    # By a provider, where there is one: tests/attacks/test_oidc.py has it.
    *(anybody(method, SSO, 404, ids=NO_PROVIDER) for method in METHODS),
    *(anybody(method, f"{SSO}callback/", 404, ids=NO_PROVIDER) for method in METHODS),
    anybody("GET", "accounts/connections/cancelled/", 200),
    signed_in("GET", "accounts/connections/", 200),
    signed_in("POST", "accounts/connections/", 200, data={"account": 1}),
    signed_in("PUT", "accounts/connections/", 200),
    # Second factors: between the password and being in, and behind a fresh proof of who it is.
    *(signed_in(method, FACTOR, 302) for method in METHODS),
    *(
        signed_in(method, f"{FACTOR}webauthn/", 302)
        for method in METHODS
    ),
    *(
        anybody(method, f"{FACTOR}authenticate/", 302)
        for method in METHODS
    ),
    outside("GET", f"{FACTOR}webauthn/login/", 302),
    outside("POST", f"{FACTOR}webauthn/login/", 302, data={"credential": "{}"}),
    outside("PUT", f"{FACTOR}webauthn/login/", 302),
    *(
        signed_in(method, f"{FACTOR}{page}", SURE)
        for page in (
            "reauthenticate/", "webauthn/reauthenticate/", "totp/activate/", "webauthn/add/",
            "recovery-codes/generate/",
        )
        for method in METHODS
    ),
    *(
        signed_in(method, f"{FACTOR}{page}", 404)
        for page in ("totp/deactivate/",)
        for method in METHODS
    ),
    signed_in("GET", f"{FACTOR}recovery-codes/", 404),
    *(
        signed_in(method, f"{FACTOR}recovery-codes/download/", 404)
        for method in METHODS
    ),
    *(
        signed_in(method, f"{FACTOR}webauthn/keys/<int:pk>/{page}/", SURE, ids=KEY)
        for page in ("edit", "remove")
        for method in METHODS
    ),
    # Staff invite people.
    Row("GET", "accounts/invitations/", 403, 403, 200, SIGN_IN),
    Row("POST", "accounts/invitations/", 403, 403, 200, SIGN_IN, data={"note": "Carol", "days": 7}),
    Row("POST", "accounts/invitations/<int:pk>/withdraw/", 403, 403, 404, SIGN_IN,
        ids={"pk": lambda own: 987_654_321}),
]  # fmt: skip
