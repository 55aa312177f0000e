//! Tasks and versions, and that they are their owner's alone.

use crate::harness::*;
use domain::{Problem, ProblemCode, TaskId, UserId, limits, run::RunStatus};
use platform::{
    Caller, PageQuery, Revision,
    runs::{self, RunQuery},
    shares,
    tasks::{self, NewTask, SaveTask, TaskChange, TaskPatch, TaskQuery},
};
use uuid::Uuid;

#[tokio::test]
async fn each_changed_save_makes_a_version() {
    let platform = Platform::open().await;
    let (s, c) = (&platform.services, &platform.caller);
    let task = platform.task("a = 1").await;
    let save = async |base_version, code: &str| {
        let inputs = "{}".to_owned();
        let code = code.to_owned();
        let save = SaveTask {
            task,
            base_version,
            code,
            inputs,
        };
        tasks::save(s, c, save)
            .await
            .map(|task| task.version.number)
    };
    assert_eq!(save(1, "a = 1").await.expect("unchanged"), 1);
    assert_eq!(save(1, "a = 2").await.expect("changed"), 2);
    assert_eq!(save(1, "a = 2").await.expect("sent again"), 2);
    let conflict = Problem::from(save(1, "a = 3").await.expect_err("edited elsewhere"));
    assert_eq!(conflict.code, ProblemCode::Conflict);
    assert_eq!(
        tasks::version(s, c, task, 1).await.expect("kept").code,
        "a = 1"
    );
    let versions = tasks::versions(s, c, task).await.expect("versions");
    let numbers: Vec<_> = versions.iter().map(|version| version.number).collect();
    assert_eq!(numbers, [2, 1]);
}

#[tokio::test]
async fn lists_are_paged_and_searched() {
    let platform = Platform::open().await;
    let (s, c) = (&platform.services, &platform.caller);
    for name in ["Beam A", "Beam B", "Bolt 100%", "Été"] {
        let new = NewTask {
            name: name.into(),
            ..NewTask::default()
        };
        tasks::create(s, c, new).await.expect("a task");
    }
    let mut names = Vec::new();
    let mut cursor = None;
    loop {
        let query = TaskQuery {
            limit: Some(3),
            cursor,
            ..TaskQuery::default()
        };
        let page = tasks::list(s, c, query).await.expect("a page");
        assert_eq!(page.total, 4);
        names.extend(page.items.into_iter().map(|task| task.name));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(names, ["Été", "Bolt 100%", "Beam B", "Beam A"]);
    let found = async |q: &str| {
        let query = TaskQuery {
            q: Some(q.into()),
            ..TaskQuery::default()
        };
        tasks::list(s, c, query).await.expect("a page").total
    };
    assert_eq!(found("beam").await, 2);
    assert_eq!(found("100%").await, 1);
    assert_eq!(found("%").await, 1);
    assert_eq!(found("éTÉ").await, 1);
    let bad = TaskQuery {
        cursor: Some("nonsense".into()),
        ..TaskQuery::default()
    };
    let problem = Problem::from(tasks::list(s, c, bad).await.expect_err("refused"));
    assert_eq!(problem.code, ProblemCode::Invalid);
}

#[tokio::test]
async fn a_list_shows_the_last_run_and_the_last_result() {
    let worker = FakeWorker::start(4, |_, _| success()).await;
    let platform = Platform::with(&worker).await;
    let (s, c) = (&platform.services, &platform.caller);
    let task = platform.task(CODE).await;
    let run = platform.submit(task, "{}").await;
    platform.ended(run).await;
    platform.worker.send_replace(None);
    let waiting = platform.submit(task, "{}").await;
    let listed = tasks::list(s, c, TaskQuery::default())
        .await
        .expect("a page");
    let last = listed.items[0].last_run.as_ref().expect("a run");
    assert_eq!((last.id, last.status), (waiting, RunStatus::Queued));
    assert_eq!(
        last.headline.as_ref().expect("of the first").label,
        "stress"
    );
    assert_eq!(listed.items[0].runs, 2);
    let of_state = async |status| {
        let status = Some(status);
        let query = TaskQuery {
            status,
            ..TaskQuery::default()
        };
        tasks::list(s, c, query).await.expect("a page").total
    };
    assert_eq!(of_state(RunStatus::Queued).await, 1);
    assert_eq!(of_state(RunStatus::Completed).await, 0);
}

#[tokio::test]
async fn limits_are_named() {
    let platform = Platform::open().await;
    let (s, c) = (&platform.services, &platform.caller);
    let refused =
        async |new: NewTask| Problem::from(tasks::create(s, c, new).await.expect_err("refused"));
    let named = |name: &str| NewTask {
        name: name.into(),
        ..NewTask::default()
    };
    let problem = refused(named("  ")).await;
    assert_eq!(
        (problem.code, problem.field.as_deref()),
        (ProblemCode::Invalid, Some("name"))
    );
    let problem = refused(named(&"x".repeat(limits::MAX_NAME_CHARS + 1))).await;
    assert_eq!(problem.code, ProblemCode::TooLarge);
    assert!(problem.detail.contains("200"), "{}", problem.detail);
    let mut large = named("large");
    large.code = "x".repeat(limits::MAX_CODE_BYTES + 1);
    let problem = refused(large).await;
    assert_eq!(
        (problem.code, problem.field.as_deref()),
        (ProblemCode::TooLarge, Some("code"))
    );
    let mut list = named("list");
    list.inputs = "[1]".into();
    let problem = refused(list).await;
    assert_eq!(
        (problem.code, problem.field.as_deref()),
        (ProblemCode::Invalid, Some("inputs"))
    );
}

#[tokio::test]
async fn a_task_is_renamed_and_duplicated() {
    let platform = Platform::open().await;
    let (s, c) = (&platform.services, &platform.caller);
    let task = platform.task(CODE).await;
    let patch = TaskPatch {
        name: Some("Beam".into()),
        description: None,
    };
    let renamed = tasks::update(s, c, task, patch).await.expect("renamed");
    assert_eq!(renamed.name, "Beam");
    let copy = tasks::duplicate(s, c, task).await.expect("a copy");
    assert_eq!(
        (copy.name.as_str(), copy.version.code.as_str()),
        ("Beam (2)", CODE)
    );
}

#[tokio::test]
async fn others_see_nothing_and_change_nothing() {
    let platform = Platform::with(&FakeWorker::always(success()).await).await;
    let (s, owner) = (&platform.services, &platform.caller);
    let task = platform.task(CODE).await;
    let run = platform.submit(task, "{}").await;
    platform.ended(run).await;
    let share = shares::create(s, owner, run, None).await.expect("a share");
    let other = Caller::new(UserId(Uuid::now_v7()), "Eve");
    let answers = [
        ("get task", tasks::get(s, &other, task).await.err()),
        ("delete task", tasks::delete(s, &other, task).await.err()),
        ("restore task", tasks::restore(s, &other, task).await.err()),
        ("duplicate", tasks::duplicate(s, &other, task).await.err()),
        ("versions", tasks::versions(s, &other, task).await.err()),
        (
            "submit",
            runs::submit(s, &other, submit(task, "{}")).await.err(),
        ),
        ("get run", runs::get(s, &other, run).await.err()),
        ("cancel", runs::cancel(s, &other, run).await.err()),
        ("result", runs::result(s, &other, run).await.err()),
        ("figure", runs::figure(s, &other, run, 0).await.err()),
        ("logs", runs::logs(s, &other, run).await.err()),
        ("events", runs::events(s, &other, run, 0).await.err()),
        ("share", shares::create(s, &other, run, None).await.err()),
        ("shares", shares::list(s, &other, run).await.err()),
        ("revoke", shares::revoke(s, &other, share.id).await.err()),
    ];
    for (what, error) in answers {
        let problem = Problem::from(error.unwrap_or_else(|| panic!("{what} was allowed")));
        assert_eq!(problem.code, ProblemCode::NotFound, "{what}");
    }
    let listed = tasks::list(s, &other, TaskQuery::default()).await;
    assert_eq!(listed.expect("an empty list").total, 0);
    runs::result(s, owner, run)
        .await
        .expect("control: the owner reads");
    let unknown = tasks::get(s, owner, TaskId(Uuid::now_v7())).await;
    let mine = tasks::get(s, &other, task).await;
    let text = |answer: Result<_, platform::Error>| Problem::from(answer.expect_err("refused"));
    assert_eq!(text(unknown), text(mine), "nobody learns what others have");
}

#[tokio::test]
async fn a_change_is_done_whole_or_not_at_all() {
    let platform = Platform::open().await;
    let (s, c) = (&platform.services, &platform.caller);
    let task = platform.task(CODE).await;
    let before = tasks::get(s, c, task).await.expect("a task");
    let wrong = [
        TaskChange {
            code: Some("a = 1".into()),
            name: Some(String::new()),
            ..TaskChange::default()
        },
        TaskChange {
            code: Some("a = 1".into()),
            name: Some("Other".into()),
            base_version: Some(7),
            ..TaskChange::default()
        },
        TaskChange::default(),
    ];
    for change in wrong {
        let _ = tasks::change(s, c, task, change).await;
        assert_eq!(tasks::get(s, c, task).await.expect("a task"), before);
    }
    let right = TaskChange {
        code: Some("a = 1".into()),
        name: Some("Other".into()),
        base_version: Some(1),
        ..TaskChange::default()
    };
    let after = tasks::change(s, c, task, right).await.expect("changed");
    assert_eq!((after.name.as_str(), after.version.number), ("Other", 2));
}

#[tokio::test]
async fn names_and_descriptions_changed_at_once_are_both_kept() {
    let platform = Platform::open().await;
    let (s, c) = (&platform.services, &platform.caller);
    let task = platform.task(CODE).await;
    for round in 0..20 {
        let (name, description) = (format!("Name {round}"), format!("Text {round}"));
        let patch = |name: Option<&String>, description: Option<&String>| TaskPatch {
            name: name.cloned(),
            description: description.cloned(),
        };
        let (one, two) = tokio::join!(
            tasks::update(s, c, task, patch(Some(&name), None)),
            tasks::update(s, c, task, patch(None, Some(&description))),
        );
        one.expect("changed");
        two.expect("changed");
        let now = tasks::get(s, c, task).await.expect("a task");
        assert_eq!((now.name, now.description), (name, description));
    }
}

#[tokio::test]
async fn a_search_longer_than_any_is_refused() {
    let platform = Platform::open().await;
    let (s, c) = (&platform.services, &platform.caller);
    for (q, fits) in [
        ("ä".repeat(limits::MAX_QUERY_CHARS), true),
        ("_".repeat(limits::MAX_QUERY_CHARS + 1), false),
        ("a".repeat(60_000), false),
    ] {
        let tasks = tasks::list(
            s,
            c,
            TaskQuery {
                q: Some(q.clone()),
                ..TaskQuery::default()
            },
        )
        .await;
        let runs = runs::list(
            s,
            c,
            RunQuery {
                q: Some(q),
                ..RunQuery::default()
            },
        )
        .await;
        for error in [tasks.err(), runs.err()] {
            let problem = error.map(domain::Problem::from);
            assert_eq!(problem.is_none(), fits, "{problem:?}");
            let field = problem.and_then(|problem| problem.field);
            assert!(fits || field.as_deref() == Some("q"), "{field:?}");
        }
    }
}

#[tokio::test]
async fn a_change_meant_for_another_state_is_refused_and_says_what_happened() {
    let platform = Platform::open().await;
    let (s, c) = (&platform.services, &platform.caller);
    let task = platform.task(CODE).await;
    let revision = async || {
        let task = tasks::get(s, c, task).await.expect("a task");
        Revision::of(&task).as_str().to_owned()
    };
    let rename = |name: &str, expected: &[&String]| TaskChange {
        name: Some(name.into()),
        expected: Some(expected.iter().map(|one| (*one).clone()).collect()),
        ..TaskChange::default()
    };
    let refused = async |change| {
        let problem = Problem::from(
            tasks::change(s, c, task, change)
                .await
                .expect_err("refused"),
        );
        assert_eq!(problem.code, ProblemCode::PreconditionFailed);
        problem.detail
    };
    let first = revision().await;
    tasks::change(s, c, task, rename("One", &[&first]))
        .await
        .expect("changed");
    let second = revision().await;
    assert_ne!(first, second);
    let said = refused(rename("Two", &[&first])).await;
    assert!(said.contains("name or the description"), "{said}");
    tasks::change(s, c, task, rename("Two", &[&first, &second]))
        .await
        .expect("one of them");

    let before = revision().await;
    runs::submit(s, c, submit(task, "{}"))
        .await
        .expect("submitted");
    assert_eq!(revision().await, before, "runs are no edits");
    let code = TaskChange {
        code: Some("a = 1".into()),
        ..TaskChange::default()
    };
    tasks::change(s, c, task, code).await.expect("changed");
    let said = refused(rename("Three", &[&before])).await;
    assert!(
        said.contains("version 2") && said.contains("version 1 was read"),
        "{said}"
    );
    refused(rename("Three", &[])).await;

    let stale = [before];
    let kept = tasks::delete_expected(s, c, task, Some(&stale)).await;
    let problem = Problem::from(kept.expect_err("refused"));
    assert_eq!(problem.code, ProblemCode::PreconditionFailed);
    let now = [revision().await];
    tasks::delete_expected(s, c, task, Some(&now))
        .await
        .expect("deleted");
    tasks::get(s, c, task).await.expect_err("it is hidden");
}

#[tokio::test]
async fn versions_are_read_page_by_page() {
    let platform = Platform::open().await;
    let (s, c) = (&platform.services, &platform.caller);
    let task = platform.task(CODE).await;
    for code in ["a = 1", "a = 2"] {
        let change = TaskChange {
            code: Some(code.into()),
            ..TaskChange::default()
        };
        tasks::change(s, c, task, change).await.expect("changed");
    }
    let page = async |cursor: Option<&str>| {
        let query = PageQuery {
            cursor: cursor.map(str::to_owned),
            limit: Some(2),
        };
        tasks::version_page(s, c, task, query).await
    };
    let numbers = |page: &domain::task::Page<domain::task::VersionSummary>| {
        page.items.iter().map(|one| one.number).collect::<Vec<_>>()
    };
    let first = page(None).await.expect("a page");
    assert_eq!((numbers(&first), first.total), (vec![3, 2], 3));
    let next = page(first.next_cursor.as_deref()).await.expect("a page");
    assert_eq!((numbers(&next), next.next_cursor), (vec![1], None));
    page(Some("x")).await.expect_err("no cursor of ours");
}
