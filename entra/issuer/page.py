"""The pages that people see: sign-in, signed out, and what went wrong. No script, and readable by everybody."""

from collections.abc import Iterable, Mapping
from html import escape
from string import Template

from entra.issuer.web import Reply

_LISTED = 200  # people that the sign-in name is completed from
_HEADERS = {
    "Cache-Control": "no-store",
    # No form-action: browsers hold it against the redirect to the application, too.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
:root { color-scheme: light dark; --text: #1b1b1b; --back: #f5f5f5; --card: #fff; --act: #0b5cad; --bad: #a80000; }
@media (prefers-color-scheme: dark) {
  :root { --text: #f2f2f2; --back: #1b1b1b; --card: #2a2a2a; --act: #8cc4ff; --bad: #ff9a9a; }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 1rem/1.5 system-ui, sans-serif;
       color: var(--text); background: var(--back); }
main { width: min(26rem, 92vw); padding: 2rem; background: var(--card); border: 1px solid #8884; border-radius: .5rem; }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input { width: 100%; min-height: 2.75rem; margin-top: .25rem; padding: .5rem .75rem; font: inherit; color: inherit;
        background: transparent; border: 1px solid currentColor; border-radius: .25rem; }
button { min-height: 2.75rem; margin: 1.25rem .5rem 0 0; padding: 0 1.25rem; font: inherit; color: var(--act);
         background: transparent; border: 1px solid var(--act); border-radius: .25rem; cursor: pointer; }
button.main { color: var(--card); background: var(--act); }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; }
.error { margin: 1rem 0 0; color: var(--bad); font-weight: 600; }
.note { font-size: .875rem; }
</style>
</head>
<body>
<main>
$content
</main>
</body>
</html>
""")

_SIGN_IN = Template("""<h1>Sign in</h1>
<p>to continue to <strong>$application</strong></p>
<form method="post" action="$action">
<label for="name">Sign-in name</label>
<input id="name" name="name" value="$name" list="people" type="text" inputmode="email" autocomplete="username"
 autocapitalize="none" spellcheck="false" autofocus$described>
<datalist id="people">$people</datalist>
$error
<button class="main" name="action" value="sign-in">Sign in</button>
<button name="action" value="cancel">Cancel</button>
</form>
<p class="note">This is a rehearsal: no password is asked for. Everybody in the directory may sign in.</p>""")

_FORM_POST = Template("""<h1>Signed in</h1>
<form method="post" action="$action">
$fields
<button class="main" autofocus>Continue</button>
</form>""")


def sign_in(action: str, application: str, people: Iterable[str], name: str = "", error: str = "") -> Reply:
    """Return the sign-in page, which posts to `action`; `error` says what was wrong with the name."""
    listed = list(people)
    shown = f'<p class="error" id="error" role="alert">{escape(error)}</p>' if error else ""
    content = _SIGN_IN.substitute(
        application=escape(application),
        action=escape(action),
        name=escape(name),
        people="".join(f'<option value="{escape(each)}">' for each in listed[:_LISTED]),
        error=shown,
        described=' aria-invalid="true" aria-describedby="error"' if error else "",
    )
    return _page("Sign in (error)" if error else "Sign in", content, 400 if error else 200)


def form_post(url: str, parameters: Mapping[str, str]) -> Reply:
    """Return a page that posts the parameters to the application (OAuth 2.0 Form Post Response Mode)."""
    fields = "\n".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in parameters.items()
    )
    return _page("Signed in", _FORM_POST.substitute(action=escape(url), fields=fields))


def message(title: str, text: str, status: int = 200) -> Reply:
    """Return a page with one sentence."""
    return _page(title, f"<h1>{escape(title)}</h1>\n<p>{escape(text)}</p>", status)


def _page(title: str, content: str, status: int = 200) -> Reply:
    return Reply(status, _PAGE.substitute(title=escape(title), content=content), headers=_HEADERS)
