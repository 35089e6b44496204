"""Reports: text, json, junit, markdown, html. They render a judgement and never compute.

A new format is a module with a class that has ``render``, registered at the module's end and
imported here.
"""

from reli_analysis.report import html, json_report, junit, markdown, text
from reli_analysis.report.files import write_reports
from reli_analysis.report.registry import REPORTS, JoinedReport, Report

__all__ = [
    "REPORTS",
    "JoinedReport",
    "Report",
    "html",
    "json_report",
    "junit",
    "markdown",
    "text",
    "write_reports",
]
