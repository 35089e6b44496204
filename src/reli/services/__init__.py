"""Services that reli can put under load out of the box; one file a kind."""
