"""Draws charts as SVG: plain text made of numbers, which fits any width and carries no style."""
