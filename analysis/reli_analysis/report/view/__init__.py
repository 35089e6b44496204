"""What the template of the page shows, one module a part of the page."""
