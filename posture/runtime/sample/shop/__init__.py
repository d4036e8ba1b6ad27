"""The estate of Fernhollow, a fictional shop: one module per theme, each a table and the calls that build it."""

SHOP = "fernhollow"
MAIN, EDGE, REPORTS = "eu-west-1", "us-east-1", "eu-central-1"

PARTNER = "808080808080"  # a logistics partner who was given an external id
STRANGER = "909090909090"  # an account that nobody remembers

SCRIPT = "<script>alert(1)</script>"
FORMULA = '=HYPERLINK("http://203.0.113.66/x","open")'
BACKWARDS = "invoice\u202efdp.exe"
CONFETTI = "spring sale 🎉🛒"
LONG = "long-" + "x" * 240
