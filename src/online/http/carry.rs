//! Sending what a lane was loaded with, and giving each call its own answer.

use super::batch::{self, Batch};
use super::dispatch::{Dispatcher, Errand, Failed};
use super::priority;
use super::wire::{Answer, Body, Outgoing, no_answer};
use super::{Call, FaultKind, OnlineFault, Outcome};
use crate::online::auth::Bearer;

impl Dispatcher {
    /// Sends the calls in one request and answers each.
    pub(super) async fn carry(&self, load: Vec<Errand>) {
        let bearer = match self.sign_in.bearer(&self.wire).await {
            Ok(bearer) => bearer,
            Err(fault) => return load.into_iter().for_each(|errand| errand.fail(fault.clone())),
        };
        match <[Errand; 1]>::try_from(load) {
            Ok([lone]) => {
                let answer = self.send(&lone.call, &bearer).await;
                self.deliver(lone, answer, &bearer).await;
            }
            Err(load) => self.carry_together(load, &bearer).await,
        }
    }

    async fn send(&self, call: &Call, bearer: &Bearer) -> Result<Answer, OnlineFault> {
        let url = match call.target.strip_prefix('/') {
            Some(path) => format!("{}/v1.0/{path}", self.host),
            None => call.target.clone(),
        };
        let eventual: &[_] =
            &[(priority::HEADER, priority::LONE), ("ConsistencyLevel", "eventual")];
        let out = Outgoing {
            method: call.method.clone(),
            url,
            bearer: Some(bearer),
            body: call.body.as_ref().map_or(Body::None, Body::Json),
            headers: if call.is_eventual { eventual } else { &eventual[..1] },
            client_request_id: None,
            is_write: call.is_write(),
        };
        self.wire.send(out).await
    }

    async fn carry_together(&self, load: Vec<Errand>, bearer: &Bearer) {
        let batch = Batch::of(load.iter().map(|errand| &*errand.call));
        let out = Outgoing {
            method: reqwest::Method::POST,
            url: format!("{}/v1.0/$batch", self.host),
            bearer: Some(bearer),
            body: Body::Batch(&batch),
            headers: &[(priority::HEADER, priority::BULK)],
            client_request_id: None,
            is_write: true,
        };
        let outer = match self.wire.send(out).await {
            Ok(outer) => outer,
            Err(fault) => return each(load, |is_write| Failed::Fault(for_one(&fault, is_write))),
        };
        match outer.status {
            200..300 => self.take_apart(load, &outer, bearer).await,
            300..=399 | 401 | 429 | 500.. => {
                if let Some(first) = load.first() {
                    self.learn(&first.call, &outer, bearer).await;
                }
                each(load, |is_write| Failed::Fault(outer.refused(is_write)));
            }
            // Something in it can't be read, and nothing was done; alone it shows whose fault it is.
            _ => each(load, |_| Failed::InBatch),
        }
    }

    async fn take_apart(&self, load: Vec<Errand>, outer: &Answer, bearer: &Bearer) {
        let answers = match &outer.body {
            Err(why) => {
                return each(load, |is_write| Failed::Fault(no_answer(is_write, why.clone())));
            }
            Ok(_) => batch::answers(outer, load.len()),
        };
        let answers = match answers {
            Ok(answers) => answers,
            // Nobody knows what became of the writes; a read is simply asked again.
            Err(fault) => {
                let fault = fault.with_outcome(Outcome::Unknown);
                return each(load, |is_write| {
                    if is_write { Failed::Fault(fault.clone()) } else { Failed::InBatch }
                });
            }
        };
        for (errand, answer) in load.into_iter().zip(answers) {
            match answer {
                Some(answer) => {
                    let path = errand.call.target.split('?').next();
                    let (method, status) = (&errand.call.method, answer.status);
                    let request_id = &*answer.request_id;
                    tracing::debug!(%method, path, status, request_id, "graph, in a batch");
                    self.deliver(errand, Ok(answer), bearer).await;
                }
                None if errand.call.is_write() => {
                    errand.fail(no_answer(true, "the batch's answer lacks it".to_owned()));
                }
                None => errand.answer(Err(Failed::InBatch)),
            }
        }
    }

    /// Gives a call its answer, or the fault that it means.
    async fn deliver(&self, errand: Errand, answer: Result<Answer, OnlineFault>, bearer: &Bearer) {
        let call = &errand.call;
        if let Ok(answer) = &answer {
            self.learn(call, answer, bearer).await;
        }
        let reply = answer.and_then(|answer| answer.success(call.answer_matters, call.is_write()));
        errand.answer(reply.map_err(Failed::Fault));
    }

    /// What an answer says to all calls: that the token isn't taken, that the tenant wants a pause,
    /// how much of the quota is used.
    async fn learn(&self, call: &Call, answer: &Answer, bearer: &Bearer) {
        match (answer.status, answer.retry_after) {
            (401, _) => self.sign_in.reject(bearer).await,
            (429, Some(wait)) => self.pause.extend(wait),
            _ => {}
        }
        if let Some(used) = answer.quota_used {
            self.budget.told(call.cost, used);
        }
    }
}

fn each(load: Vec<Errand>, why: impl Fn(bool) -> Failed) {
    for errand in load {
        let failed = why(errand.call.is_write());
        errand.answer(Err(failed));
    }
}

/// The fault of a batch as that of one of its calls: a read that got no answer has done nothing.
fn for_one(fault: &OnlineFault, is_write: bool) -> OnlineFault {
    if fault.kind == FaultKind::OutcomeUnknown && !is_write {
        no_answer(false, fault.detail.clone())
    } else {
        fault.clone()
    }
}
