//! The planner of one unit: it records changes, answers reads through the view, and makes the plan.

use std::sync::Arc;

use super::change::{Change, ChangeNo};
use super::check::{self, Plan, PlanOptions};
use super::derive::Derivation;
use super::draft::Draft;
use super::view::View;
use crate::accounts::{AccountsFault, Facts, R, Reader, Sources};
use crate::model::{Origin, Secret, SourceFile};

/// Rounds of reading after which a question that still lacks facts is a defect of ours: each round
/// reads everything that was lacking, and no answer leads to more than a handful of new questions.
const ROUNDS: u32 = 20;

/// Records changes and derives the plan from them.
pub struct Planner {
    reader: Reader,
    facts: Facts,
    draft: Draft,
    derivation: Derivation,
}

impl Planner {
    /// A planner over these backends, with nothing recorded and nothing read.
    pub fn new(sources: Arc<Sources>) -> Self {
        Self {
            reader: Reader::new(sources),
            facts: Facts::default(),
            draft: Draft::default(),
            derivation: Derivation::default(),
        }
    }

    /// Records a change. Nothing is read.
    pub fn record(&mut self, change: Change, origin: Origin, password: Option<Secret>) -> ChangeNo {
        self.draft.record(change, origin, password)
    }

    /// Remembers a file whose rows become changes.
    pub fn source(&mut self, source: &SourceFile) {
        self.draft.source(source);
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.draft.is_empty()
    }

    /// How many changes were recorded.
    pub fn len(&self) -> usize {
        self.draft.recorded().len()
    }

    /// The backends.
    pub fn sources(&self) -> &Arc<Sources> {
        self.reader.sources()
    }

    /// Answers a question about what is and what the recorded changes would make of it, reading what
    /// it lacks.
    pub async fn look<T>(&mut self, question: impl Fn(&View<'_>) -> R<T>) -> Result<T, AccountsFault> {
        for _ in 0..ROUNDS {
            let mut needs = self.advance();
            if needs.is_empty() {
                let view = self.derivation.view(&self.facts);
                if let Ok(answer) = question(&view) {
                    return Ok(answer);
                }
                needs = view.into_needs();
            }
            self.reader.read(needs, &mut self.facts).await?;
        }
        Err(AccountsFault::Unanswered)
    }

    /// Derives everything, checks it as a whole, and hands the plan over. The planner is empty
    /// afterwards and has forgotten all facts: the plan may change them.
    pub async fn plan(&mut self, options: PlanOptions) -> Result<Plan, AccountsFault> {
        let online = self.draft.recorded().iter().any(|recorded| recorded.change.touches_tenant());
        let identities = self.look(|view| check::identities(view, online)).await?;
        let draft = std::mem::take(&mut self.draft);
        let derivation = std::mem::take(&mut self.derivation);
        let plan = check::check(draft, derivation, &self.facts, identities, options);
        self.forget();
        Ok(plan)
    }

    /// Forgets what was read.
    pub fn forget(&mut self) {
        self.facts = Facts::default();
        self.reader = Reader::new(self.reader.sources().clone());
    }

    fn advance(&mut self) -> crate::accounts::Needs {
        let changes = self.draft.recorded().iter().map(|recorded| &recorded.change);
        self.derivation.advance(changes, &self.facts)
    }
}
