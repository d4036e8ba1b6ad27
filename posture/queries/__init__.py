"""Rows → what a page asks.  Every function starts from who is asking."""
