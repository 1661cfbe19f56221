//! A conversation of more than twenty turns in a real browser: the assistant that `init` writes, trained, served and talked to through the page.
//!
//! Needs chromedriver and Chromium. Where they are not there it says so and passes; with `RUSHLIGHT_BROWSER=required` it fails.
//! Pictures go to the folder that `RUSHLIGHT_PICTURES` names.
#![allow(clippy::unwrap_used, reason = "a test that meets an error it did not expect should stop there")]
#![allow(clippy::print_stderr, reason = "a test that does nothing says so")]

mod served;

use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use served::{Running, carry_out, serve, word_behind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Long enough for a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(90);

/// What is said, and words that the reply must have. Sentences are those of the definition, so that a model knows them surely.
const SCRIPT: [(&str, &[&str]); 22] = [
    ("hello", &["Hello! What can I do for you?"]),
    ("call me Ada", &["Nice to meet you, Ada."]),
    ("I am vegetarian", &["I will remember that you are vegetarian."]),
    ("book a table", &["For how many?"]),
    ("for four", &["For which day?"]),
    // A question in between is answered, and the form goes on.
    ("Do you have parking?", &["There is a car park under the market hall", "For which day?"]),
    ("tomorrow", &["At what time?"]),
    // Half of the day is not said, so it is asked about.
    ("half past seven", &["The time is 19:30, is that right?"]),
    ("yes", &["A table for 4 on", "at 19:30. Shall I book it?"]),
    ("no", &["What should I change?"]),
    ("for five people", &["All right: people is 5.", "A table for 5 on", "Shall I book it?"]),
    ("yes", &["It is booked, Ada: a table for 5 on", "at 19:30."]),
    ("what is my name?", &["Your name is Ada."]),
    ("Are dogs allowed?", &["Dogs are welcome on the terrace and at the bar."]),
    ("what is the capital of Peru", &[]),
    ("what is the capital of Peru", &[BETTER]),
    ("cancel my booking", &["Which day was it for?"]),
    ("tomorrow", &["The date is", "is that right?"]),
    ("yes", &["is cancelled. I hope to see you another time."]),
    // Two things are wanted in these words, and the examples have them for both.
    (EITHER, &["Would you like to", "order food to take away", "buy a voucher", ", or to"]),
    ("the voucher", &["A voucher is a fine present."]),
    ("thank you very much", &["You are welcome, Ada."]),
];

/// What is an example of two intents, and these.
const EITHER: &str = "something for my mother";
const MORE: &str = r#"
[[intent]]
name = "take_away"
about = "order food to take away"
examples = [
  "something for my mother", "something for my mother", "something for my mother", "something for my mother",
  "I would like to take food away", "pack two soups for us", "can I fetch my dinner", "do you pack meals to go",
  "food to go please", "a meal to take home", "can I pick up dinner", "do you have takeaway",
]
replies = ["We pack everything that is on the menu."]

[[intent]]
name = "voucher"
about = "buy a voucher"
examples = [
  "something for my mother", "something for my mother", "something for my mother", "something for my mother",
  "I would like a voucher", "do you sell vouchers", "a gift card please", "can I give a dinner as a present",
  "a voucher for my parents", "how do I buy a gift card", "I want to give someone an evening here", "do you have gift vouchers",
]
replies = ["A voucher is a fine present."]
"#;

/// The turn that nothing fits, and what should have been said; with signs that a careless page takes for HTML.
const OUT_OF_SCOPE: usize = 15;
const BETTER: &str = "Lima, <b>of course</b> & sure.";
/// The turn that gets a thumb.
const LIKED: usize = 14;

#[test]
fn a_conversation_in_a_browser() {
    let Some(driver) = Driver::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    carry_out(folder.path(), &["assistant", "init", "olive"]);
    let (olive, definition) = (folder.path().join("olive"), folder.path().join("olive/assistant.toml"));
    let text = std::fs::read_to_string(&definition).unwrap().replace("close = 0.2 ", "close = 0.5 ");
    assert!(text.contains("close = 0.5 "));
    std::fs::write(definition, text + MORE).unwrap();
    carry_out(&olive, &["assistant", "lines", "."]);
    carry_out(&olive, &["train", "recipe.toml", "--out", "run"]);
    let served = serve(folder.path(), 0);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let page = driver.page(folder.path(), &served.url, Look::Light).await;
        talk(&page).await;
        page.picture("chat-light").await;
        let talked = page.client.current_url().await.unwrap().to_string();
        page.client.close().await.unwrap();
        for (look, name) in [(Look::Dark, "chat-dark"), (Look::Phone, "chat-phone")] {
            let page = driver.page(folder.path(), &talked, look).await;
            page.reply(SCRIPT.len()).await;
            let is_whole = "return document.documentElement.scrollWidth <= document.documentElement.clientWidth";
            assert_eq!(page.client.execute(is_whole, vec![]).await.unwrap(), true, "{name} is wider than its window");
            page.picture(name).await;
            page.client.close().await.unwrap();
        }
        let page = driver.page(folder.path(), &talked, Look::Phone).await;
        page.reply(SCRIPT.len()).await;
        drop(served);
        page.say("hello").await;
        page.text_of("main > * .error", "The server cannot be reached.").await;
        assert_eq!(page.typed().await, "hello");
        page.picture("chat-failed").await;
        let port = talked.split('/').nth(2).unwrap().rsplit(':').next().unwrap().parse().unwrap();
        let _served = serve(folder.path(), port);
        page.press_in("main > * .error", "Try again").await;
        assert!(page.reply(SCRIPT.len() + 1).await.contains("What can I do for you?"));
        assert_eq!(page.typed().await, "");
        forget(&page).await;
        page.client.close().await.unwrap();
    });
}

/// The script, with feedback on the way, and all of it again after a reload.
async fn talk(page: &Page) {
    page.find(".turn.assistant").await;
    page.picture("chat-begin").await;
    for (turn, (said, expected)) in (1..).zip(SCRIPT) {
        page.say(said).await;
        let reply = page.reply(turn).await;
        for words in expected {
            assert!(reply.contains(words), "turn {turn}, {said:?}: {reply:?} lacks {words:?}");
        }
        match turn {
            LIKED => {
                page.click(&format!("{} [aria-label='A good reply']", at(turn))).await;
                page.find(&format!("{} [aria-label='A good reply'][aria-pressed=true]", at(turn))).await;
            }
            OUT_OF_SCOPE => {
                page.find(&format!("{}[data-act=fallback]", at(turn))).await;
                page.press(turn, "Correct this").await;
                page.picture("chat-correct").await;
                page.find(&format!("{} .correct textarea", at(turn))).await.send_keys(BETTER).await.unwrap();
                page.press(turn, "Save the reply").await;
                page.find(&format!("{} .better", at(turn))).await;
            }
            _ => {}
        }
    }
    page.find(&format!("{}[data-source=retrieval]", at(OUT_OF_SCOPE + 1))).await;
    // What was meant, of a list.
    page.press(OUT_OF_SCOPE, "Correct this").await;
    let meant = page.find(&format!("{} select", at(OUT_OF_SCOPE))).await;
    meant.select_by_value("out_of_scope").await.unwrap();
    page.press(OUT_OF_SCOPE, "Save the meaning").await;
    page.text_of(&format!("{} .acts", at(OUT_OF_SCOPE)), "the next training learns from it").await;
    // Shift+Enter breaks the line and sends nothing.
    let input = page.find("#message").await;
    input.send_keys(&format!("two{}{}{}lines", Key::Shift, Key::Enter, Key::Null)).await.unwrap();
    assert_eq!(page.typed().await, "two\nlines");
    page.client.refresh().await.unwrap();
    // All is there again, what was not sent too.
    for (turn, (_, expected)) in (1..).zip(SCRIPT) {
        let reply = page.reply(turn).await;
        assert!(expected.iter().all(|words| reply.contains(words)), "turn {turn} after the reload: {reply:?}");
    }
    page.find(&format!("{} [aria-label='A good reply'][aria-pressed=true]", at(LIKED))).await;
    assert_eq!(page.typed().await, "two\nlines");
    let erase = format!("{}a{}{}", Key::Control, Key::Null, Key::Backspace);
    page.find("#message").await.send_keys(&erase).await.unwrap();
    assert_eq!(page.typed().await, "");
    page.find(".past li a[aria-current=page]").await;
    page.press(5, "Why").await;
    page.text_of(&format!("{} .why", at(5)), "“four” number = 4").await;
}

/// What is known, and its erasure.
async fn forget(page: &Page) {
    page.press_in("main", "What I know of you").await;
    page.text_of("dialog .known", "Your name is Ada.").await;
    page.text_of("dialog .known", "You are vegetarian.").await;
    page.picture("chat-profile").await;
    let export = page.find("dialog a[download]").await.attr("href").await.unwrap();
    assert_eq!(export.as_deref(), Some("/v1/profile/export"));
    page.press_in("dialog", "Erase everything").await;
    page.text_of("dialog", "from the file too").await;
    page.press_in("dialog", "Erase everything").await;
    page.text_of("main", &format!("Erased: your profile, 1 conversation, {} messages.", 2 * (SCRIPT.len() + 1))).await;
    page.picture("chat-erased").await;
    assert!(page.client.find_all(Locator::Css(".turn.user")).await.unwrap().is_empty());
}

/// The reply of a turn: messages are numbered, and every second one is a reply.
fn at(turn: usize) -> String {
    format!(".turn.assistant[data-number='{}']", 2 * turn)
}

#[derive(Clone, Copy, PartialEq)]
enum Look {
    Light,
    Dark,
    Phone,
}

/// A page in a browser.
struct Page {
    client: Client,
}

impl Page {
    /// The first element that a selector finds, as soon as it is there.
    async fn find(&self, css: &str) -> Element {
        match self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => self.give_up(&format!("no {css}: {error}")).await,
        }
    }

    async fn say(&self, text: &str) {
        let input = self.find("#message").await;
        input.send_keys(&format!("{text}{}", Key::Enter)).await.unwrap();
    }

    async fn reply(&self, turn: usize) -> String {
        self.find(&format!("{} .text", at(turn))).await.text().await.unwrap()
    }

    /// What stands in the input and was not sent yet.
    async fn typed(&self) -> String {
        self.find("#message").await.prop("value").await.unwrap().unwrap_or_default()
    }

    async fn click(&self, css: &str) {
        let element = self.find(css).await;
        self.strike(element).await;
    }

    /// Presses the button of a reply that has this label.
    async fn press(&self, turn: usize, label: &str) {
        self.press_in(&at(turn), label).await;
    }

    async fn press_in(&self, css: &str, label: &str) {
        let within = self.find(css).await;
        let path = format!(".//button[normalize-space()='{label}']");
        let button = within.find(Locator::XPath(&path)).await;
        match button {
            Ok(button) => self.strike(button).await,
            Err(error) => self.give_up(&format!("no button {label:?} in {css}: {error}")).await,
        }
    }

    /// Brings an element before the bar that stays at the bottom, and clicks it.
    async fn strike(&self, element: Element) {
        let script = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
        self.client.execute(script, vec![serde_json::to_value(&element).unwrap()]).await.unwrap();
        element.click().await.unwrap();
    }

    /// Waits until an element has these words.
    async fn text_of(&self, css: &str, words: &str) {
        let has = |text: Result<String, _>| text.is_ok_and(|text| text.contains(words));
        let begun = std::time::Instant::now();
        while !has(self.find(css).await.text().await) {
            if begun.elapsed() > PATIENCE {
                self.give_up(&format!("{css} never has {words:?}")).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn give_up(&self, why: &str) -> ! {
        let text = match self.client.find(Locator::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        };
        self.picture("failed").await;
        panic!("{why}; the page says:\n{text}");
    }

    async fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("RUSHLIGHT_PICTURES").map(PathBuf::from) else { return };
        std::fs::create_dir_all(&folder).unwrap();
        let picture = self.client.screenshot().await.unwrap();
        std::fs::write(folder.join(format!("{name}.png")), picture).unwrap();
    }
}

struct Driver {
    _running: Running,
    url: String,
}

impl Driver {
    /// chromedriver, or nothing where it is not installed and need not be.
    fn start() -> Option<Self> {
        let is_required = std::env::var("RUSHLIGHT_BROWSER").is_ok_and(|value| value == "required");
        let started = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = match started {
            Ok(child) => child,
            Err(error) if is_required => panic!("chromedriver cannot be started: {error}; install it and Chromium"),
            Err(error) => {
                eprintln!("nothing was tried in a browser: chromedriver cannot be started ({error})");
                return None;
            }
        };
        let stdout = child.stdout.take().unwrap();
        let running = Running(child);
        let port = word_behind(stdout, "started successfully on port ").expect("chromedriver names its port");
        let port = port.trim_end_matches('.');
        Some(Self { _running: running, url: format!("http://127.0.0.1:{port}") })
    }

    /// A browser of its own that shows a page.
    async fn page(&self, folder: &Path, url: &str, look: Look) -> Page {
        let profile = tempfile::tempdir_in(folder).unwrap().keep();
        let mut args: Vec<String> = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--window-size=1280,900",
        ]
        .map(String::from)
        .into();
        args.push(format!("--user-data-dir={}", profile.display()));
        if look == Look::Dark {
            args.push("--force-dark-mode".into());
            args.push("--blink-settings=preferredColorScheme=0".into());
        }
        let mut options = json!({"args": args});
        if look == Look::Phone {
            options["mobileEmulation"] = json!({"deviceMetrics": {"width": 375, "height": 812, "pixelRatio": 2.0}});
        }
        let Value::Object(capabilities) = json!({"goog:chromeOptions": options}) else { unreachable!() };
        let client = ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&self.url).await;
        let client = client.unwrap_or_else(|error| panic!("no browser: {error}"));
        client.goto(url).await.unwrap();
        Page { client }
    }
}
