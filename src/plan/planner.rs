//! The planner of one unit: it records changes, answers reads through the view, and makes the plan.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::change::{Change, ChangeNo, SetPasswordPolicy};
use super::check::{self, Identities, Plan, PlanOptions};
use super::derive::Derivation;
use super::draft::Draft;
use super::view::View;
use crate::accounts::{AccountsFault, Facts, R, Reader, Sources};
use crate::model::{Origin, PasswordPolicy, Problem, Secret, SourceFile};

/// Rounds of reading after which a question that still lacks facts is a defect of ours: each round
/// reads everything that was lacking, and no answer leads to more than a handful of new questions.
const ROUNDS: u32 = 20;

/// Records changes and derives the plan from them.
pub struct Planner {
    reader: Reader,
    facts: Facts,
    draft: Draft,
    derivation: Derivation,
    protected: BTreeSet<String>,
}

impl Planner {
    /// A planner over these backends, with nothing recorded and nothing read. `protected` are the
    /// user names, in lower case, that no plan touches.
    pub fn new(sources: Arc<Sources>, protected: BTreeSet<String>) -> Self {
        Self {
            reader: Reader::new(sources),
            facts: Facts::default(),
            draft: Draft::default(),
            derivation: Derivation::default(),
            protected,
        }
    }

    /// Records a change. Nothing is read.
    pub fn record(&mut self, change: Change, origin: Origin, password: Option<Secret>) -> ChangeNo {
        self.draft.record(change, origin, password)
    }

    /// Remembers a row that can't become a change, with everything that is wrong with it.
    pub fn reject(&mut self, origin: Origin, problems: Vec<Problem>) {
        self.draft.reject(origin, problems);
    }

    /// Remembers a file whose rows become changes.
    pub fn source(&mut self, source: &SourceFile) {
        self.draft.source(source);
    }

    /// Whether nothing was recorded.
    pub fn is_empty(&self) -> bool {
        self.draft.is_empty()
    }

    /// The row or line that asked for a change.
    pub fn origin_of(&self, no: ChangeNo) -> Option<&Origin> {
        self.draft.recorded().get(no.0 as usize).map(|recorded| &recorded.origin)
    }

    /// The backends.
    pub fn sources(&self) -> &Arc<Sources> {
        self.reader.sources()
    }

    /// Answers a question about what is and what the recorded changes would make of it, reading what
    /// it lacks.
    pub async fn look<T>(
        &mut self,
        question: impl Fn(&View<'_>) -> R<T>,
    ) -> Result<T, AccountsFault> {
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

    /// Which directory and, if it is asked for, which tenant this is.
    pub async fn identities(&mut self, online: bool) -> Result<Identities, AccountsFault> {
        self.look(|view| check::identities(view, online)).await
    }

    /// Derives everything, checks it as a whole, and hands the plan over. What was recorded stays.
    pub async fn plan(&mut self, options: PlanOptions) -> Result<Plan, AccountsFault> {
        let online = self.draft.recorded().iter().any(|recorded| recorded.change.touches_tenant());
        let identities = self.identities(online).await?;
        self.raise_password_policy().await?;
        // Handed over as it is and derived again if asked once more: a plan is made once, rarely twice.
        let derivation = std::mem::take(&mut self.derivation);
        Ok(check::check(
            self.draft.clone(),
            derivation,
            &self.facts,
            identities,
            options,
            &self.protected,
        ))
    }

    /// Where online accounts are to follow the directory and it takes weaker passwords than the tenant,
    /// its policy is raised: a change like any other, that nobody asked for.
    async fn raise_password_policy(&mut self) -> Result<(), AccountsFault> {
        let follows = self.derivation.steps.iter().any(|step| step.op.is_undisclosed());
        if follows
            && self.look(|view| view.password_policy()).await?.is_below(PasswordPolicy::Strong)
        {
            let change = Change::SetPasswordPolicy(SetPasswordPolicy::for_followers());
            // What asks for it is that setting of the profile.
            let origin = Origin { file: Some("password_home".to_owned()), line: 0, row: None };
            self.record(change, origin, None);
            self.look(|view| view.password_policy()).await?;
        }
        Ok(())
    }

    fn advance(&mut self) -> crate::accounts::Needs {
        let further = self.draft.recorded().iter().skip(self.derivation.changes.len());
        self.derivation.advance(further.map(|recorded| &recorded.change), &self.facts)
    }
}
