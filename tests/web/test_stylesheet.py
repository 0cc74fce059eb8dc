"""Of Bootstrap the stylesheet holds what the templates use, and not what they do not."""

from app.config import ROOT
from app.web.stylesheet import stylesheet, used

STATIC = ROOT / "static"


def test_a_rule_stays_when_all_its_classes_are_in_use():
    css = ".a{x:1}.a .b{x:2}.b,.a:hover{x:3}.a:not(.b){x:4}p{x:5}[data-bs-theme=dark] .a{x:6}"
    assert used(css, {"a"}) == ".a{x:1}.a:hover{x:3}.a:not(.b){x:4}p{x:5}"


def test_a_condition_stays_as_long_as_a_rule_is_left_in_it():
    css = "@media (min-width:1px){.a{x:1}@supports (x:y){.b{x:2}}}@media print{.b{x:3}}@keyframes b{to{x:4}}"
    assert used(css, {"a"}) == "@media (min-width:1px){.a{x:1}}"
    assert used("@media print{.b{x:3}}", {"b"}) == "@media print{.b{x:3}}"


def test_a_comma_inside_a_selector_parts_nothing():
    assert used(":is(.a,.b) i,.c{x:1}", {"a", "b"}) == ":is(.a,.b) i{x:1}"


def test_what_is_left_of_bootstrap_is_a_tenth_and_has_what_pages_show():
    sheet = stylesheet(STATIC).decode()
    bootstrap = (STATIC / "vendor" / "bootstrap-5.3.9.min.css").read_text()
    assert len(sheet) < len(bootstrap) / 2.5
    for rule in ("--bs-body-font-family:", ".btn{", ".form-control{", ".table-striped>", ".visually-hidden,"):
        assert rule in sheet, rule
    for rule in (".accordion", ".carousel", ".offcanvas", "[data-bs-theme", ".col-md-6"):
        assert rule not in sheet, rule
