package dev.remora.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.remora.examples.demo.Browser;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The demo's page in a real browser, through the gateway. */
@Timeout(180)
class BrowserTest {

    private static final String ANSWERS = "document.querySelectorAll('.answer')";

    private Optional<Browser> started = Optional.empty();
    private Optional<OpenGateway> opened = Optional.empty();

    @BeforeEach
    void start() throws Exception {
        Optional<Path> chromium = Browser.find();
        assumeTrue(chromium.isPresent(), "skipped: Chromium is not installed (Debian: apt-get install chromium)");
        started = Optional.of(Browser.launch(chromium.get()));
    }

    @AfterEach
    void close() {
        started.ifPresent(Browser::close);
        opened.ifPresent(OpenGateway::close);
    }

    @Test
    void readsAStreamedAnswerToItsEnd() throws Exception {
        Browser browser = open("--tokens-per-second", "500");

        ask(browser, "What is a remora?");
        browser.until(ANSWERS + "[0]?.dataset.state === 'complete'");
        ask(browser, "And who are you?");
        browser.until(ANSWERS + "[1]?.dataset.state === 'complete'");

        assertThat(text(browser, 1))
                .contains("and this is turn 2 that I remember")
                .contains("\u201cAnd who are you?\u201d");
        assertThat(browser.run(ANSWERS + "[0].dataset.backend === " + ANSWERS + "[1].dataset.backend")
                        .asBoolean())
                .as("the browser keeps the cookie, so the conversation stays")
                .isTrue();
    }

    @Test
    void showsWhenAnAnswerBreaksAndMovesTheConversation() throws Exception {
        Browser browser = open("--tokens-per-second", "5");

        ask(browser, "Tell me");
        browser.until(ANSWERS + "[0]?.querySelector('.text').textContent.length > 10");
        String first = browser.run(ANSWERS + "[0].dataset.backend").asText();
        browser.until("document.querySelector('.backend[data-backend=" + first + "][data-running=true]')");
        browser.run("document.querySelector('.backend[data-backend=" + first + "] .power').click()");
        browser.until(ANSWERS + "[0].dataset.state === 'broken'");
        browser.run("document.querySelector('.retry').click()");
        browser.until(ANSWERS + "[1]?.querySelector('.text').textContent.length > 10");

        String second = browser.run(ANSWERS + "[1].dataset.backend").asText();
        assertThat(second).isNotEqualTo(first);
        assertThat(browser.run("document.querySelector('.moved').textContent").asText())
                .isEqualTo("The conversation moved from " + first + " to " + second);
    }

    @Test
    void drainsTheBackEndThatAnswersWithoutBreakingItsAnswer() throws Exception {
        Browser browser = open("--tokens-per-second", "50");

        ask(browser, "Tell me");
        browser.until(ANSWERS + "[0]?.querySelector('.text').textContent.length > 10");
        String first = browser.run(ANSWERS + "[0].dataset.backend").asText();
        String card = "document.querySelector('.backend[data-backend=" + first + "]')";
        browser.run(card + ".querySelector('.drain').click()");
        browser.until(card + ".dataset.status === 'draining'");
        browser.until(ANSWERS + "[0].dataset.state === 'complete'");
        browser.until(card + ".querySelector('.open').textContent === '0'");

        assertThat(browser.run(card + ".querySelector('.state').textContent").asText())
                .startsWith("drain");
        browser.until(card + ".querySelector('.drain').textContent === 'Undo'");
        browser.run(card + ".querySelector('.drain').click()");
        browser.until(card + ".dataset.status === 'ready'");
        assertThat(browser.run(card + ".querySelector('.drain').textContent").asText())
                .isEqualTo("Drain");
    }

    private Browser open(String... flags) throws CommandFailed {
        OpenGateway gateway = OpenGateway.with(flags);
        opened = Optional.of(gateway);
        Browser browser = started.orElseThrow();
        browser.open(gateway.uri().resolve("/"));
        browser.until("document.querySelectorAll('.backend').length === 3");
        return browser;
    }

    private static void ask(Browser browser, String question) {
        browser.run("document.getElementById('question').value = '" + question + "'");
        browser.run("document.getElementById('composer').requestSubmit()");
    }

    private static String text(Browser browser, int answer) {
        return browser.run(ANSWERS + "[" + answer + "].querySelector('.text').textContent")
                .asText();
    }
}
