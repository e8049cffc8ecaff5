"""A shop that breaks, with Debian's sentry-sdk for Python."""
import os

import sentry_sdk

sentry_sdk.init(
    dsn=os.environ["SENTRY_DSN"],
    release="shop@2.3.1",
    environment="staging",
    server_name="web-3",
    traces_sample_rate=1.0,
)
sentry_sdk.set_tag("region", "eu")
sentry_sdk.set_user({"id": "42", "email": "ada@example.com"})

hub = sentry_sdk.Hub.current
hub.start_session()

try:
    1 / 0
except ZeroDivisionError:
    sentry_sdk.capture_exception()

sentry_sdk.capture_message("the disk fills up", level="warning")

with sentry_sdk.push_scope() as scope:
    scope.add_attachment(bytes=b"a\n\x00\xff", filename="cart.bin")
    sentry_sdk.capture_message("the cart is broken", level="error")

with sentry_sdk.start_transaction(op="task", name="checkout"):
    with sentry_sdk.start_span(op="db", description="SELECT 1"):
        pass

hub.end_session()
hub.client.close(timeout=10)
