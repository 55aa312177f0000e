//! From a data folder to services, and what the commands for it say.

use crate::support::*;
use serde_json::json;
use std::process::Command;
use testbed::{S3, Testbed};

fn over(testbed: &Testbed, mut command: Command) -> Command {
    command
        .env("DATABASE_URL", testbed.postgres.url())
        .env("REDIS_URL", testbed.redis.url())
        .env("S3_ENDPOINT", testbed.s3.endpoint())
        .env("AWS_REGION", S3::REGION)
        .env("AWS_ACCESS_KEY_ID", S3::ACCESS_KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", S3::SECRET_ACCESS_KEY);
    command
}

fn with<const N: usize>(mut command: Command, arguments: [&str; N]) -> Command {
    command.args(arguments);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn results_and_share_links_move_with_their_ids() {
    // Larger than what is stored with the run.
    const CODE: &str = "def calculate(n: int = 1):\n    return {'text': 'x' * 100_000, 'n': n}\n";
    let mut server = Server::start();
    let run = server.ran(CODE, json!({"n": 7})).await;
    let id = run["id"].as_str().expect("an id").to_owned();
    let share = server
        .post(&format!("/api/runs/{id}/share"), &json!({}))
        .await
        .json();
    let token = share["token"].as_str().expect("a token").to_owned();
    let result = server.get(&format!("/api/runs/{id}/result")).await.text;
    server.signal(rustix::process::Signal::TERM);
    assert!(server.ended().success());

    let testbed = Testbed::start().await;
    let moved = tempfile::tempdir().expect("a temporary folder");
    let folder = moved.path().join("moved").display().to_string();
    let data = server.data.path();
    let (code, said, errors) = ends(with(command(data), ["export", &folder]));
    assert_eq!(code, 0, "{said}{errors}");
    let (code, _, errors) = ends(with(command(data), ["export", &folder]));
    assert_eq!(code, 1);
    assert!(errors.contains("is not empty"), "{errors}");
    let other = DataDir::new();
    let import = || with(over(&testbed, command(other.path())), ["import", &folder]);
    let (code, said, errors) = ends(import());
    assert_eq!(code, 0, "{said}{errors}");
    let (code, _, errors) = ends(import());
    assert_eq!(code, 1);
    assert!(errors.contains("import into an empty one"), "{errors}");

    let server = Server::start_command(over(&testbed, command(other.path())), DataDir::new());
    let again = server.get(&format!("/api/runs/{id}/result")).await;
    assert_eq!(again.text, result);
    let shared = server.get(&format!("/api/shared/{token}")).await;
    assert_eq!(shared.status, 200, "{}", shared.text);
    let next = server.ran(CODE, json!({"n": 8})).await;
    assert_eq!(next["status"], "completed");
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_which_service_is_away() {
    let mut testbed = Testbed::start().await;
    let data = DataDir::new();
    let ask = |testbed: &Testbed| ends(with(over(testbed, command(data.path())), ["doctor"]));
    let (_, said, _) = ask(&testbed);
    for service in ["database: PostgreSQL answers", "queue: Redis answers"] {
        assert!(said.contains(&format!("ok       {service}")), "{said}");
    }
    assert!(said.contains("ok       object store: the bucket"), "{said}");
    testbed.redis.stop();
    testbed.postgres.stop();
    let (code, said, _) = ask(&testbed);
    assert_eq!(code, 1);
    assert!(said.contains("missing  database:"), "{said}");
    assert!(said.contains("Check DATABASE_URL"), "{said}");
    assert!(said.contains("missing  queue:"), "{said}");
    assert!(
        !said.contains("mecapy@"),
        "no address with its user: {said}"
    );
}

#[test]
fn a_database_address_of_another_kind_is_refused_without_being_repeated() {
    let data = DataDir::new();
    let wrong = set(
        command(data.path()),
        "DATABASE_URL",
        "mysql://ada:hunter2@host/db",
    );
    let (code, said, errors) = ends(with(wrong, ["serve"]));
    assert_eq!(code, 2, "{said}");
    assert!(errors.contains("DATABASE_URL is not valid"), "{errors}");
    assert!(!errors.contains("hunter2"), "{errors}");
}
