"""The report in a real browser: it opens offline, filters, shows evidence, and logs no error."""

import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="Chromium and its driver are not installed"),
]


@pytest.fixture(scope="module")
def page(demo):
    return (demo / "report.html").as_uri()


def start(*, javascript: bool):
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=1200,900",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    if not javascript:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(executable_path=DRIVER))


@pytest.fixture(scope="module")
def browser():
    driver = start(javascript=True)
    yield driver
    driver.quit()


def test_no_request_leaves_the_page_and_no_error_is_logged(browser, page):
    browser.get_log("performance")
    browser.get(page)
    requests = [entry["message"] for entry in browser.get_log("performance") if "requestWillBeSent" in entry["message"]]
    assert not [message for message in requests if '"url":"http' in message]
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_the_filter_narrows_the_gaps(browser, page):
    browser.get(page)
    rows = "#p1-table tbody tr"
    every = browser.find_elements("css selector", rows)
    browser.find_element("css selector", "#p1 input[type=search]").send_keys("plc")
    shown = [row for row in browser.find_elements("css selector", rows) if row.is_displayed()]
    assert 0 < len(shown) < len(every)
    assert all("plc" in row.get_attribute("data-words") for row in shown)
    assert browser.find_element("css selector", "#p1 output .n").text == str(len(shown))
    browser.find_element("css selector", "#p1 input[type=search]").send_keys("zzzz")
    assert browser.find_element("css selector", "#p1 .none").is_displayed()


def test_a_skill_opens_its_sentences_and_the_keyboard_closes_them(browser, page):
    from selenium.webdriver import Keys

    browser.get(page)
    link = browser.find_element("css selector", "#p1-table a[data-open]")
    link.send_keys(Keys.ENTER)
    dialog = browser.find_element("id", "panel")
    assert dialog.is_displayed()
    assert dialog.find_element("tag name", "h3").text == link.text
    assert dialog.find_elements("css selector", "blockquote mark")
    browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not dialog.is_displayed()
    assert browser.switch_to.active_element == link


def test_the_programmes_take_turns(browser, page):
    browser.get(page)
    first, second = browser.find_elements("css selector", "button[data-programme]")[:2]
    second.click()
    assert not browser.find_element("id", first.get_attribute("data-programme")).is_displayed()
    assert browser.find_element("id", second.get_attribute("data-programme")).is_displayed()


def test_a_phone_need_not_scroll_sideways(browser, page):
    browser.set_window_size(400, 800)
    browser.get(page)
    width = browser.execute_script("return [document.documentElement.scrollWidth, window.innerWidth]")
    browser.set_window_size(1200, 900)
    assert width[0] <= width[1] + 1


@pytest.mark.slow
def test_without_script_the_links_lead_to_the_sentences(page):
    driver = start(javascript=False)
    try:
        driver.get(page)
        link = driver.find_element("css selector", "#p1-table a[data-open]")
        driver.get(link.get_attribute("href"))
        article = driver.find_element("css selector", f"[id='{link.get_attribute('href').split('#')[1]}']")
        assert article.is_displayed()
        assert article.find_elements("tag name", "mark")
    finally:
        driver.quit()
