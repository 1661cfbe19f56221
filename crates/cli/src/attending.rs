//! The doctor beside a training that goes on: it hears every record, and speaks when a fault is sure.

use crate::progress::Progress;
use rushlight_doctor::{Chosen, Exam, examine};
use rushlight_trace::{Finding, Observer, Record, Severity, Trace};
use rushlight_train::recipe::DoctorConfig;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// Progress, with somebody who looks at the records.
pub(crate) struct Attending {
    progress: Progress,
    /// None where the recipe wants nobody to watch.
    trace: Option<Trace>,
    doctor: DoctorConfig,
    /// The faults of the examination before; one that is found again is sure.
    before: BTreeSet<String>,
    told: BTreeSet<String>,
}

impl Attending {
    /// Beside a run of which `trace` is known so far; not asked for where nobody watches.
    pub(crate) fn new<E>(
        progress: Progress,
        trace: impl FnOnce() -> Result<Trace, E>,
        doctor: &DoctorConfig,
    ) -> Result<Self, E> {
        // What an exhibit promises is no news.
        let told = doctor.expect.iter().cloned().collect();
        let trace = doctor.watch.then(trace).transpose()?;
        Ok(Self { progress, trace, doctor: doctor.clone(), before: BTreeSet::new(), told })
    }

    /// Takes the bar away.
    pub(crate) fn end(self) {
        self.progress.end();
    }

    /// Examines, tells what has become sure, and asks to stop where the recipe wants that.
    fn look(&mut self) -> ControlFlow<String> {
        let Some(trace) = &self.trace else { return ControlFlow::Continue(()) };
        let findings = examine(&Exam::of(trace), &Chosen::default()).findings;
        let faults: Vec<Finding> = findings.into_iter().filter(|finding| finding.severity == Severity::Fault).collect();
        let is_new = |name: &String| self.before.contains(name) && !self.told.contains(name);
        let new: Vec<&Finding> = faults.iter().filter(|finding| is_new(&finding.name)).collect();
        for finding in &new {
            self.progress.line(&format!("fault[{}]: {}", finding.name, finding.message));
        }
        let stops = new.iter().find(|finding| self.doctor.stop_on.contains(&finding.name));
        let stopped = stops.map(|finding| format!("{} was found, on which the recipe stops", finding.name));
        let told: Vec<String> = new.iter().map(|finding| finding.name.clone()).collect();
        self.told.extend(told);
        self.before = faults.into_iter().map(|finding| finding.name).collect();
        stopped.map_or(ControlFlow::Continue(()), ControlFlow::Break)
    }
}

impl Observer for Attending {
    fn observe(&mut self, record: &Record) -> ControlFlow<String> {
        if let Some(trace) = &mut self.trace {
            trace.records.push(record.clone());
        }
        let asked = self.progress.observe(record);
        let looked = if matches!(record, Record::Evaluation(_)) { self.look() } else { ControlFlow::Continue(()) };
        if asked.is_break() { asked } else { looked }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rushlight_trace::{Evaluation, Step};

    fn attending(doctor: &DoctorConfig) -> Attending {
        Attending::new(Progress::new("a", 400, 0), || Ok::<_, ()>(Trace::default()), doctor).unwrap()
    }

    /// Steps whose loss falls and then climbs, with an evaluation after each hundred; after how many steps it was stopped.
    fn stopped_at(doctor: &DoctorConfig) -> Option<u64> {
        let mut attending = attending(doctor);
        (1..=400).find(|&step| {
            let loss = if step < 150 { 4.0 - 0.01 * step as f64 } else { 2.5 + 0.05 * (step - 150) as f64 };
            let told = Step {
                step,
                tokens: step,
                seconds: step as f64,
                loss,
                unit: Default::default(),
                learning_rate: 0.1,
                gradient_norm: 1.0,
                tokens_per_second: 1.0,
                wait_seconds: 0.0,
            };
            let _ = attending.observe(&Record::Step(told));
            let evaluation = Evaluation { step, split: "train".into(), loss, ..Evaluation::default() };
            step % 50 == 0 && attending.observe(&Record::Evaluation(evaluation)).is_break()
        })
    }

    #[test]
    fn it_stops_where_the_recipe_wants_that_and_nowhere_else() {
        let stop_on = DoctorConfig { stop_on: vec!["diverging".into()], ..DoctorConfig::default() };
        let at = stopped_at(&stop_on).unwrap();
        assert!((200..=350).contains(&at), "{at}");
        assert_eq!(stopped_at(&DoctorConfig::default()), None);
        assert_eq!(stopped_at(&DoctorConfig { watch: false, ..stop_on }), None);
    }
}
