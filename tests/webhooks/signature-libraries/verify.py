"""Says which of the messages on standard input the standardwebhooks library takes for genuine."""

import json
import sys

from standardwebhooks import Webhook, WebhookVerificationError


def genuine(message):
    try:
        Webhook(message["secret"]).verify(message["body"], message["headers"], json_parse=False)
        return True
    except WebhookVerificationError:
        return False


json.dump([genuine(message) for message in json.load(sys.stdin.buffer)], sys.stdout)
