//! `chat`: talks with an assistant, or with a model that writes, in the terminal.

use super::Answer;
use crate::opening::{self, Talking};
use crate::terminal::{did_you_mean, is_watched, print, say};
use anyhow::{Context, Result, ensure};
use rushlight_assistant::memory::{Event, Feedback, Store};
use rushlight_assistant::{Assistant, AssistantError, Forgotten, Heard, Kept, MemoryError, Reply};
use rushlight_trace::since_1970;
use serde_json::{Value, json};
use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;

/// The flags of `chat`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// Runs, and the folder of an assistant: what understands, what writes, and what says who it is.
    #[arg(required = true, value_name = "RUN|DIR")]
    paths: Vec<PathBuf>,
    /// Who talks; each user has a profile.
    #[arg(long, default_value = "you")]
    user: String,
    /// Goes on with the last conversation.
    #[arg(long)]
    go_on: bool,
    #[command(flatten)]
    talking: Talking,
}

/// What can be said with a slash.
const COMMANDS: [(&str, &str); 9] = [
    ("/why", "what was understood, who replied, and how sure it was"),
    ("/good", "the last reply was good"),
    ("/bad", "the last reply was bad"),
    ("/correct", "what should have been replied: /correct TEXT"),
    ("/meant", "what you wanted: /meant INTENT"),
    ("/profile", "what is known of you"),
    ("/forget", "erases all that is kept of you"),
    ("/help", "this"),
    ("/quit", "ends"),
];

/// Talks until the input ends.
pub(crate) fn run(flags: &Flags) -> Result<Answer> {
    ensure!(!flags.user.trim().is_empty(), "`--user` is empty; give a name");
    let opened = opening::open(&flags.paths, &flags.talking)?;
    let (store, assistant) = (opened.store(&flags.talking)?, opened.assistant);
    let mut talk = Talk::begin(flags, &assistant, &store)?;
    if talk.after == 0 {
        print(&format!("{}\n", assistant.definition().greeting))?;
    }
    if is_watched() && std::io::stdin().is_terminal() {
        say("(/why says why, /help what else there is, /quit ends)");
    }
    let mut input = std::io::stdin().lock();
    loop {
        let mut line = Vec::new();
        if input.read_until(b'\n', &mut line).context("standard input cannot be read any further")? == 0 {
            break;
        }
        let text = String::from_utf8_lossy(&line);
        match text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), "")) {
            ("/quit" | "/exit", _) => break,
            ("", _) => {}
            (command, rest) if command.starts_with('/') => talk.command(command, rest.trim())?,
            _ => talk.hear(&line)?,
        }
    }
    let refused = assistant.refused();
    let json = json!({
        "conversation": talk.conversation, "messages": talk.after, "user": flags.user, "memory": store.path(),
        "refused": {"input": refused.input, "output": refused.output},
    });
    Ok(Answer::new("", json))
}

/// A conversation in the terminal.
struct Talk<'t> {
    assistant: &'t Assistant,
    store: &'t Store,
    flags: &'t Flags,
    conversation: String,
    /// How many messages were kept.
    after: u64,
    last: Option<Reply>,
}

impl<'t> Talk<'t> {
    fn begin(flags: &'t Flags, assistant: &'t Assistant, store: &'t Store) -> Result<Self> {
        let newest = if flags.go_on { store.conversations(&flags.user, None, 1)?.pop() } else { None };
        let mut talk = Self { assistant, store, flags, conversation: String::new(), after: 0, last: None };
        match newest {
            Some(newest) => {
                talk.after = newest.messages;
                talk.last =
                    store.messages_before(&newest.id, talk.after + 1, 1)?.pop().and_then(|message| message.reply);
                talk.conversation = newest.id;
            }
            None => talk.begin_anew()?,
        }
        Ok(talk)
    }

    fn begin_anew(&mut self) -> Result<()> {
        let now = milliseconds();
        self.conversation = format!("chat-{now}-{}", std::process::id());
        self.store.begin(&self.conversation, &self.flags.user, now)?;
        (self.after, self.last) = (0, None);
        Ok(())
    }

    /// Replies to a message.
    fn hear(&mut self, line: &[u8]) -> Result<()> {
        let heard = Heard {
            conversation: &self.conversation,
            user: &self.flags.user,
            bytes: line,
            after: Some(self.after),
            at: milliseconds(),
            minutes_ahead: self.flags.talking.clock(),
        };
        let Kept { number, reply } = match self.assistant.hear(self.store, heard) {
            Err(error @ (AssistantError::Message(_) | AssistantError::Memory(MemoryError::Rewritten { .. }))) => {
                say(&error.to_string());
                return Ok(());
            }
            kept => kept?,
        };
        self.after = number;
        print(&format!("{}\n", reply.text))?;
        self.last = Some(reply);
        Ok(())
    }

    /// Does what stands behind a slash.
    fn command(&mut self, command: &str, rest: &str) -> Result<()> {
        match command {
            "/why" => return print(&self.last.as_ref().map_or("nothing was replied yet\n".into(), why)),
            "/good" => self.judge(&Feedback::Thumb(true))?,
            "/bad" => self.judge(&Feedback::Thumb(false))?,
            "/correct" if rest.is_empty() => say("say what should have been replied: /correct TEXT"),
            "/correct" => self.judge(&Feedback::Reply(rest.to_owned()))?,
            "/meant" => match self.assistant.definition().require_intent(rest) {
                Ok(()) => self.judge(&Feedback::Intent(rest.to_owned()))?,
                Err(error) => say(&error.to_string()),
            },
            "/profile" => {
                let told = self.store.profile(&self.flags.user)?.told();
                let told = if told.is_empty() { vec!["nothing is known of you".to_owned()] } else { told };
                print(&told.iter().map(|line| format!("{line}\n")).collect::<String>())?;
            }
            "/forget" => {
                let Forgotten { erased, corrections } =
                    self.assistant.forget(self.store, &self.flags.user, milliseconds())?;
                self.begin_anew()?;
                let what =
                    if corrections == 1 { "one correction".into() } else { format!("{corrections} corrections") };
                let learnt = match corrections {
                    0 => String::new(),
                    _ => format!(
                        ", and {what} that a model was to learn; what one has learnt stays until it is trained anew"
                    ),
                };
                print(&format!(
                    "erased: your profile, {} conversations, {} messages{learnt}\n",
                    erased.conversations, erased.messages
                ))?;
            }
            "/help" => print(&COMMANDS.map(|(name, about)| format!("{name:<9} {about}\n")).concat())?,
            _ => {
                let meant = did_you_mean(command, COMMANDS.map(|(name, _)| name));
                say(&format!("there is no `{command}`; /help lists what there is.{meant}"));
            }
        }
        Ok(())
    }

    /// Keeps what the user thinks of the last reply.
    fn judge(&self, feedback: &Feedback) -> Result<()> {
        if self.last.is_none() {
            say("nothing was replied yet");
            return Ok(());
        }
        let at = milliseconds();
        self.store.feedback(&self.conversation, self.after, feedback, at)?;
        self.store.log(Event::Judged, Some(&self.conversation), &json!({}), None, at)?;
        say("noted");
        Ok(())
    }
}

/// What was understood, who replied, and how sure it was.
fn why(reply: &Reply) -> String {
    let plain = |value: Value| value.as_str().unwrap_or_default().to_owned();
    let ranked: Vec<String> = reply.ranked.iter().map(|(name, p)| format!("{name} {p:.2}")).collect();
    let entities: Vec<String> =
        reply.entities.iter().map(|entity| format!("{} \"{}\" = {}", entity.kind, entity.text, entity.value)).collect();
    let mut lines = vec![
        ("source", format!("{} ({})", plain(json!(reply.source)), plain(json!(reply.act)))),
        ("confidence", format!("{:.2}", reply.confidence)),
        ("intent", reply.intent.clone().unwrap_or_else(|| "none".into())),
        ("considered", ranked.join(", ")),
        ("entities", entities.join(", ")),
        ("sentence", plain(json!(reply.sentence))),
        ("known question", reply.question.clone().unwrap_or_default()),
    ];
    lines.retain(|(_, value)| !value.is_empty());
    lines.iter().map(|(name, value)| format!("{name:<15}{value}\n")).collect()
}

fn milliseconds() -> i64 {
    since_1970().as_millis() as i64
}
