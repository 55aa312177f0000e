//! A token opens what its scope says, for as long as it lives, and is stored nowhere.

use crate::harness::*;
use domain::{
    Problem, ProblemCode, TokenId, UserId,
    limits::{DEFAULT_TOKEN_LIFE_S, MAX_TOKEN_LIFE_S, MAX_TOKENS},
    token::{NewToken, Scope},
};
use platform::{
    Caller, Services,
    config::{DataDir, DatabaseConfig},
    offline::Offline,
    runs::{self, RunQuery, SubmitNew},
    shares,
    tasks::{self, NewTask, TaskPatch, TaskQuery},
    tokens::{self, CreateToken},
    usage,
};
use std::time::Duration;
use uuid::Uuid;

fn wanted(name: &str, scope: Scope) -> CreateToken {
    CreateToken {
        name: name.into(),
        scope,
        expires_in: None,
    }
}

async fn make(s: &Services, c: &Caller, scope: Scope) -> NewToken {
    let made = tokens::create(s, c, wanted("Excel", scope)).await;
    made.expect("a token")
}

async fn shown(s: &Services, token: &str) -> Caller {
    let caller = tokens::identify(s, token).await.expect("known");
    caller.expect("one of ours")
}

fn refusal<T: std::fmt::Debug>(answer: Result<T, platform::Error>) -> Problem {
    Problem::from(answer.expect_err("refused"))
}

#[tokio::test]
async fn a_token_is_its_owner_until_it_is_revoked() {
    let platform = Platform::open().await;
    let (s, c) = (&platform.services, &platform.caller);
    let made = make(s, c, Scope::Run).await;
    assert!(made.token.starts_with("mcp_"), "{}", made.token);
    assert!(made.token.starts_with(&made.summary.start));
    let life = made.summary.expires_at.millis() - made.summary.created_at.millis();
    assert_eq!(
        life,
        i64::try_from(DEFAULT_TOKEN_LIFE_S * 1000).expect("fits")
    );

    let caller = shown(s, &made.token).await;
    assert_eq!((caller.user, caller.name.as_str()), (c.user, "Ada"));
    assert_eq!(caller.scope(), Scope::Run);
    let used = caller.token.expect("it came with a token");
    assert_eq!((used.id, used.name.as_str()), (made.summary.id, "Excel"));
    let other = tokens::identify(s, "any").await.expect("not ours");
    assert_eq!(other, None, "a word that is none of ours says nothing");

    tokens::revoke(s, c, made.summary.id)
        .await
        .expect("revoked");
    assert!(tokens::list(s, c).await.expect("a list").is_empty());
    let problem = refusal(tokens::identify(s, &made.token).await);
    assert_eq!(problem.code, ProblemCode::Unauthenticated);
    assert!(problem.detail.contains("“Excel” was revoked"), "{problem}");
    let again = refusal(tokens::revoke(s, c, made.summary.id).await);
    assert_eq!(again.code, ProblemCode::NotFound);
}

#[tokio::test]
async fn a_token_that_is_over_broken_or_unknown_is_refused_in_words() {
    let platform = Platform::open().await;
    let (s, c) = (&platform.services, &platform.caller);
    let short = CreateToken {
        expires_in: Some(Duration::from_millis(300)),
        ..wanted("Short", Scope::Read)
    };
    let short = tokens::create(s, c, short).await.expect("a token");
    shown(s, &short.token).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    let elsewhere = Platform::open().await;
    let unknown = make(&elsewhere.services, &elsewhere.caller, Scope::Read).await;
    let cut = &unknown.token[..20];
    for (word, said) in [
        (short.token.as_str(), "“Short” expired at"),
        (unknown.token.as_str(), "no such token on this server"),
        (cut, "not whole"),
    ] {
        let problem = refusal(tokens::identify(s, word).await);
        assert_eq!(problem.code, ProblemCode::Unauthenticated);
        assert!(problem.detail.contains(said), "{problem}");
    }
}

#[tokio::test]
async fn each_scope_does_what_it_says_and_no_more() {
    let platform = Platform::with(&FakeWorker::always(success()).await).await;
    let (s, owner) = (&platform.services, &platform.caller);
    let task = platform.task(CODE).await;
    let run = platform.submit(task, "{}").await;
    platform.ended(run).await;
    let share = shares::create(s, owner, run, None).await.expect("a share");
    for scope in Scope::ALL {
        let token = make(s, owner, scope).await;
        let c = &shown(s, &token.token).await;
        let patch = TaskPatch {
            name: Some("Beam".into()),
            description: None,
        };
        let new = NewTask {
            name: "New".into(),
            code: CODE.into(),
            ..NewTask::default()
        };
        let submit_new = SubmitNew {
            task: new.clone(),
            files: Vec::new(),
            limits: None,
            idempotency_key: None,
        };
        let answers = [
            (Scope::Read, "get task", tasks::get(s, c, task).await.err()),
            (
                Scope::Read,
                "tasks",
                tasks::list(s, c, TaskQuery::default()).await.err(),
            ),
            (
                Scope::Read,
                "versions",
                tasks::versions(s, c, task).await.err(),
            ),
            (Scope::Read, "get run", runs::get(s, c, run).await.err()),
            (
                Scope::Read,
                "runs",
                runs::list(s, c, RunQuery::default()).await.err(),
            ),
            (Scope::Read, "result", runs::result(s, c, run).await.err()),
            (Scope::Read, "logs", runs::logs(s, c, run).await.err()),
            (
                Scope::Read,
                "events",
                runs::events(s, c, run, 0).await.err(),
            ),
            (Scope::Read, "shares", shares::list(s, c, run).await.err()),
            (Scope::Read, "tokens", tokens::list(s, c).await.err()),
            (Scope::Read, "usage", usage::of_caller(s, c).await.err()),
            (
                Scope::Run,
                "submit",
                runs::submit(s, c, submit(task, "{}")).await.err(),
            ),
            (Scope::Write, "create", tasks::create(s, c, new).await.err()),
            (
                Scope::Write,
                "submit new",
                runs::submit_new(s, c, submit_new).await.err(),
            ),
            (
                Scope::Write,
                "update",
                tasks::update(s, c, task, patch).await.err(),
            ),
            (
                Scope::Write,
                "duplicate",
                tasks::duplicate(s, c, task).await.err(),
            ),
            (
                Scope::Write,
                "share",
                shares::create(s, c, run, None).await.err(),
            ),
            (
                Scope::Write,
                "copy",
                shares::copy(s, c, &share.token).await.err(),
            ),
            (
                Scope::Write,
                "token",
                tokens::create(s, c, wanted("More", Scope::Read))
                    .await
                    .err(),
            ),
        ];
        for (needed, what, error) in answers {
            let problem = error.map(Problem::from);
            if needed <= scope {
                assert_eq!(problem, None, "{what} with {scope}");
                continue;
            }
            let problem = problem.unwrap_or_else(|| panic!("{what} was allowed with {scope}"));
            assert_eq!(problem.code, ProblemCode::Forbidden, "{what}");
            let said = format!("the scope {needed}; the token “Excel” has the scope {scope}");
            assert!(problem.detail.contains(&said), "{what}: {problem}");
        }
    }
}

#[tokio::test]
async fn what_a_scope_may_not_destroy_stays() {
    let platform = Platform::open().await;
    let (s, owner) = (&platform.services, &platform.caller);
    let run = platform.run().await;
    let task = platform.get(run).await.summary.task_id;
    let token = make(s, owner, Scope::Read).await;
    let c = &shown(s, &token.token).await;
    for error in [
        runs::cancel(s, c, run).await.err(),
        tasks::delete(s, c, task).await.err(),
        tokens::revoke(s, c, token.summary.id).await.err(),
    ] {
        let problem = Problem::from(error.expect("refused"));
        assert_eq!(problem.code, ProblemCode::Forbidden);
    }
    runs::cancel(s, owner, run)
        .await
        .expect("control: it waited");
    let write = make(s, owner, Scope::Write).await;
    let c = &shown(s, &write.token).await;
    tasks::delete(s, c, task).await.expect("control: allowed");
}

#[tokio::test]
async fn what_is_others_does_not_exist_whatever_the_scope() {
    let platform = Platform::open().await;
    let (s, owner) = (&platform.services, &platform.caller);
    let task = platform.task(CODE).await;
    let made = make(s, owner, Scope::Read).await;
    let mut eve = shown(s, &made.token).await;
    eve.user = UserId(Uuid::now_v7());
    let foreign = refusal(tasks::delete(s, &eve, task).await);
    let missing = refusal(tasks::delete(s, &eve, domain::TaskId(Uuid::now_v7())).await);
    assert_eq!(foreign, missing);
    let foreign = refusal(tokens::revoke(s, &eve, made.summary.id).await);
    let missing = refusal(tokens::revoke(s, &eve, TokenId(Uuid::now_v7())).await);
    assert_eq!(foreign, missing);
    assert!(tokens::list(s, &eve).await.expect("a list").is_empty());
}

#[tokio::test]
async fn a_token_does_not_prolong_itself() {
    let platform = Platform::open().await;
    let (s, owner) = (&platform.services, &platform.caller);
    let week = CreateToken {
        expires_in: Some(Duration::from_secs(7 * 24 * 60 * 60)),
        ..wanted("Week", Scope::Write)
    };
    let week = tokens::create(s, owner, week).await.expect("a token");
    let c = &shown(s, &week.token).await;
    let longer = CreateToken {
        expires_in: Some(Duration::from_secs(8 * 24 * 60 * 60)),
        ..wanted("Longer", Scope::Read)
    };
    let problem = refusal(tokens::create(s, c, longer).await);
    assert_eq!(problem.field.as_deref(), Some("expires_in_s"));
    let child = make(s, c, Scope::Write).await;
    assert_eq!(child.summary.expires_at, week.summary.expires_at);
}

#[tokio::test]
async fn names_lives_and_numbers_have_limits() {
    let platform = Platform::open().await;
    let (s, c) = (&platform.services, &platform.caller);
    for (name, life, field) in [
        (" ", None, "name"),
        ("two\nlines", None, "name"),
        (&*"x".repeat(101), None, "name"),
        ("x", Some(0), "expires_in_s"),
        ("x", Some(MAX_TOKEN_LIFE_S + 1), "expires_in_s"),
    ] {
        let new = CreateToken {
            expires_in: life.map(Duration::from_secs),
            ..wanted(name, Scope::Read)
        };
        let problem = refusal(tokens::create(s, c, new).await);
        assert_eq!(problem.field.as_deref(), Some(field), "{name}");
    }
    let first = make(s, c, Scope::Read).await;
    for _ in 1..MAX_TOKENS {
        make(s, c, Scope::Read).await;
    }
    let problem = refusal(tokens::create(s, c, wanted("More", Scope::Read)).await);
    assert_eq!(problem.code, ProblemCode::Conflict);
    assert!(
        problem.detail.contains(&MAX_TOKENS.to_string()),
        "{problem}"
    );
    tokens::revoke(s, c, first.summary.id)
        .await
        .expect("revoked");
    make(s, c, Scope::Read).await;
}

#[tokio::test]
async fn the_last_use_is_shown() {
    let platform = Platform::open().await;
    let (s, c) = (&platform.services, &platform.caller);
    let made = make(s, c, Scope::Read).await;
    assert_eq!(made.summary.last_used_at, None);
    shown(s, &made.token).await;
    let noted = async {
        loop {
            let listed = tokens::list(s, c).await.expect("a list");
            if let Some(at) = listed[0].last_used_at {
                return at;
            }
            tokio::task::yield_now().await;
        }
    };
    let at = tokio::time::timeout(SOON, noted).await.expect("written");
    assert!(at >= made.summary.created_at);
}

#[tokio::test]
async fn the_command_line_works_while_the_platform_is_open() {
    let platform = Platform::open().await;
    let (s, c) = (&platform.services, &platform.caller);
    let offline = Offline::open(&platform.config.data, &platform.config.database)
        .await
        .expect("it opens");
    let made = offline.create_token(wanted("Script", Scope::Run)).await;
    let made = made.expect("a token");
    assert_eq!(shown(s, &made.token).await.user, c.user);
    assert_eq!(offline.tokens().await.expect("a list").len(), 1);
    let revoked = offline.revoke_token(made.summary.id).await;
    revoked.expect("revoked");
    let problem = refusal(tokens::identify(s, &made.token).await);
    assert_eq!(problem.code, ProblemCode::Unauthenticated);
    let empty = tempfile::tempdir().expect("a temporary folder");
    let data = DataDir(empty.path().to_owned());
    let nothing = Offline::open(&data, &DatabaseConfig::File).await;
    let error = nothing.expect_err("no data").to_string();
    assert!(error.contains("MECAPY_DATA_DIR"), "{error}");
    assert!(
        std::fs::read_dir(empty.path())
            .expect("readable")
            .next()
            .is_none(),
        "nothing is made there"
    );
}

#[tokio::test]
async fn secrets_are_not_stored() {
    let platform = Platform::open().await;
    let (s, c) = (&platform.services, &platform.caller);
    let made = make(s, c, Scope::Read).await;
    let stored = platform.data.database();
    let holds = |needle: &str| {
        stored
            .windows(needle.len())
            .any(|part| part == needle.as_bytes())
    };
    assert!(holds(&made.summary.id.to_string()), "control: it is stored");
    assert!(!holds(&made.token));
    assert!(!holds(&made.token[made.summary.start.len()..]));
    assert!(!format!("{made:?}").contains(&made.token), "nor logged");
}
