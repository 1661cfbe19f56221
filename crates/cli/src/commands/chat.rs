//! `chat`: talks with an assistant, or with a model that writes, in the terminal.

mod opening;

use super::Answer;
use crate::terminal::{did_you_mean, is_watched, print, say};
use anyhow::{Context, Result, ensure};
use opening::Opened;
use rushlight_assistant::memory::{Event, Feedback, NewMessage, Store};
use rushlight_assistant::{Act, Assistant, AssistantError, Now, Reply, Role, State, Turn};
use serde_json::{Value, json};
use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

/// The flags of `chat`.
#[derive(clap::Args)]
pub(crate) struct Flags {
    /// Runs, and the folder of an assistant: what understands, what writes, and what says who it is.
    #[arg(required = true, value_name = "RUN|DIR")]
    paths: Vec<PathBuf>,
    /// Who talks; each user has a profile.
    #[arg(long, default_value = "you")]
    user: String,
    /// Where conversations are kept; `assistant.db` in the assistant's folder unless told otherwise, nowhere without one.
    #[arg(long, value_name = "FILE")]
    memory: Option<PathBuf>,
    /// Goes on with the last conversation.
    #[arg(long)]
    go_on: bool,
    /// A run that judges what is toxic.
    #[arg(long, value_name = "RUN")]
    judge: Option<PathBuf>,
    /// How that run calls it.
    #[arg(long, default_value = "toxic", requires = "judge")]
    toxic: String,
    /// How far the clock is ahead of Greenwich, as in `+01:00`; today and tomorrow follow it.
    #[arg(long, default_value = "+00:00", allow_hyphen_values = true, value_parser = minutes_ahead)]
    clock: i32,
    /// Of written replies: below 1 likelier tokens are favoured more; 0 is greedy.
    #[arg(long, default_value_t = 0.8)]
    temperature: f32,
    /// Of written replies: only the likeliest tokens that together hold this probability; 1 keeps all.
    #[arg(long, default_value_t = 0.9)]
    top_p: f32,
    /// The most tokens of a written reply.
    #[arg(long, default_value_t = 60)]
    max_tokens: usize,
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
    let Opened { assistant, folder } = opening::open(flags)?;
    let path = flags.memory.clone().or_else(|| Some(folder?.join("assistant.db")));
    let store = path.as_deref().map_or_else(Store::in_memory, Store::open)?;
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
        "conversation": talk.conversation, "messages": talk.after, "user": flags.user, "memory": path,
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
    state: State,
    /// How many messages were kept.
    after: u64,
    last: Option<Reply>,
}

impl<'t> Talk<'t> {
    fn begin(flags: &'t Flags, assistant: &'t Assistant, store: &'t Store) -> Result<Self> {
        let newest = if flags.go_on { store.conversations(&flags.user, 0, 1)?.pop() } else { None };
        let mut talk = Self {
            assistant,
            store,
            flags,
            conversation: String::new(),
            state: State::default(),
            after: 0,
            last: None,
        };
        match newest {
            Some(newest) => {
                (talk.state, talk.after) = store.state(&newest.id)?;
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
        (self.state, self.after, self.last) = (State::default(), 0, None);
        Ok(())
    }

    /// Replies to a message.
    fn hear(&mut self, line: &[u8]) -> Result<()> {
        let text = match rushlight_assistant::message(line, self.assistant.definition().limits.message_bytes) {
            Ok(text) => text,
            Err(error) => {
                say(&error.to_string());
                return Ok(());
            }
        };
        let at = milliseconds();
        let (profile, tastes) = (self.store.profile(&self.flags.user)?, self.store.tastes(&self.flags.user)?);
        let now = Now::of_unix(at.div_euclid(1000), self.flags.clock);
        let turn = Turn { text: &text, state: &self.state, profile: &profile, tastes: &tastes, now };
        let outcome = match self.assistant.turn(turn) {
            Err(AssistantError::Message(what)) => {
                say(&what);
                return Ok(());
            }
            outcome => outcome?,
        };
        let said = [
            NewMessage { role: Role::User, text, reply: None },
            NewMessage { role: Role::Assistant, text: outcome.reply.text.clone(), reply: Some(outcome.reply.clone()) },
        ];
        let id = &self.conversation;
        self.store.append_with_profile(id, &said, &outcome.state, &outcome.profile, Some(self.after), at)?;
        let event = if outcome.reply.act == Act::Refuse { Event::Refused } else { Event::Replied };
        let details = json!({"source": outcome.reply.source, "intent": outcome.reply.intent});
        self.store.log(event, Some(id), &details, None, at)?;
        self.after += said.len() as u64;
        self.state = outcome.state;
        print(&format!("{}\n", outcome.reply.text))?;
        self.last = Some(outcome.reply);
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
            "/meant" => {
                let names: Vec<&str> =
                    self.assistant.definition().intents.iter().map(|intent| intent.name.as_str()).collect();
                if names.contains(&rest) || rest == rushlight_assistant::definition::OUT_OF_SCOPE {
                    self.judge(&Feedback::Intent(rest.to_owned()))?;
                } else {
                    let meant = did_you_mean(rest, names.iter().copied());
                    say(&format!("there is no intent `{rest}`; there are {}.{meant}", names.join(", ")));
                }
            }
            "/profile" => {
                let told = self.store.profile(&self.flags.user)?.told();
                let told = if told.is_empty() { vec!["nothing is known of you".to_owned()] } else { told };
                print(&told.iter().map(|line| format!("{line}\n")).collect::<String>())?;
            }
            "/forget" => {
                let erased = self.store.erase(&self.flags.user)?;
                self.store.log(Event::Erased, None, &json!({}), None, milliseconds())?;
                self.begin_anew()?;
                print(&format!(
                    "erased: your profile, {} conversations, {} messages\n",
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
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}

/// Minutes of `+01:00`.
fn minutes_ahead(text: &str) -> Result<i32, String> {
    let refuse = || format!("`{text}` is no distance from Greenwich; give it as `+01:00` or `-05:30`");
    let (sign, rest) = match text.split_at_checked(1).ok_or_else(refuse)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return Err(refuse()),
    };
    let (hours, minutes) = rest.split_once(':').ok_or_else(refuse)?;
    let number =
        |digits: &str, most: i32| digits.parse::<i32>().ok().filter(|n| (0..=most).contains(n)).ok_or_else(refuse);
    Ok(sign * (number(hours, 14)? * 60 + number(minutes, 59)?))
}

impl Flags {
    fn check(&self) -> Result<()> {
        let Self { temperature, top_p, max_tokens, .. } = self;
        ensure!(
            *temperature >= 0.0 && temperature.is_finite(),
            "`--temperature {temperature}` is not possible; give 0 (greedy) or more, such as 0.8"
        );
        ensure!((0.0..=1.0).contains(top_p), "`--top-p {top_p}` is not possible; it is a probability, from 0 to 1");
        ensure!(*max_tokens > 0, "`--max-tokens 0` writes nothing; give 1 or more");
        ensure!(!self.user.trim().is_empty(), "`--user` is empty; give a name");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::minutes_ahead;

    #[test]
    fn a_clock_is_so_far_from_greenwich() {
        assert_eq!(["+01:00", "-05:30", "+00:00"].map(|text| minutes_ahead(text).unwrap()), [60, -330, 0]);
        for text in ["", "1", "01:00", "+1", "+25:00", "+01:75", "é"] {
            assert!(minutes_ahead(text).unwrap_err().contains("give it as `+01:00`"));
        }
    }
}
