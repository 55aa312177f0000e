//! The same cases where a layer is missing on purpose: at the levels `filtered` and
//! `host-sandboxed`, all but those in [`NOT_PROMISED`]. Several in one process, because a worker of
//! its own for each would take most of the time.

use crate::harness::{Level, choose};
use std::{collections::BTreeSet, panic::catch_unwind, time::Instant};

type Case = (&'static str, fn());

macro_rules! cases {
    ($($promise:ident: $($case:ident),+;)+) => {
        &[$($((concat!(stringify!($promise), "::", stringify!($case)), crate::$promise::$case as fn())),+),+]
    };
}

const WHAT_IT_WRITES: &[Case] = cases! {
    channel: writing_nothing_is_the_control, a_forged_result_is_the_run_s_own, bytes_that_are_no_frame, a_result_that_is_no_json, a_frame_that_claims_200_megabytes, a_million_brackets, half_a_frame, a_flood_of_progress, progress_that_is_none, a_flood_of_figures, two_images_for_one_figure, more_figures_than_there_are_slots, notes_in_the_worker_s_name_count_as_log, it_cannot_ask_to_be_tried_again, a_second_ready_is_no_frame_of_a_run, closing_it_ends_without_a_result, leaving_without_a_word;
    output: an_endless_print_is_cut_and_ended, a_long_log_is_cut_and_the_run_goes_on, standard_error_from_c_counts_too, a_million_short_lines, bytes_that_are_no_text_do_no_harm, a_result_over_its_limit, a_thread_that_prints_beyond_the_result_holds_nobody_up, what_is_printed_last_is_not_lost;
    next_run: a_module_that_was_patched_is_whole_again, a_module_that_was_planted_is_gone, a_file_that_was_written_is_gone, settings_of_libraries_are_fresh, random_numbers_differ, seeded_numbers_and_hashes_repeat;
};
const WHAT_IT_USES: &[Case] = cases! {
    memory: an_array_larger_than_the_limit, fifty_gigabytes_at_once, six_gigabytes_that_are_touched, a_little_at_a_time, touched_page_by_page, shared_with_nobody, in_files_that_are_memory, the_limit_cannot_be_raised;
    time: an_endless_loop_ends_at_its_processor_time, an_endless_sleep_ends_at_its_wall_time, ignoring_every_signal_does_not_help, a_single_endless_step_of_the_interpreter_ends, many_threads_share_one_processor_time, a_caller_hears_that_a_silent_run_is_alive;
    disk: tmp_fills_up_at_its_size, a_file_stops_at_its_size, files_stop_at_their_number, descriptors_stop_at_their_number;
    crashes: a_null_pointer, abort, an_endless_recursion_in_c, an_endless_recursion_in_python, a_recursion_limit_that_was_lifted, it_kills_itself, the_32_bit_way_into_the_kernel;
};
const WHAT_IT_ASKS_THE_KERNEL: &[Case] = cases! {
    network: the_worker_s_own_port_cannot_be_reached, no_family_of_sockets_can_be_opened, a_listener_cannot_be_opened, an_abstract_socket_cannot_be_reached, names_cannot_be_resolved, a_download_fails_in_words, pandas_reads_nothing_from_the_network;
    privileges: it_has_no_capability, it_cannot_become_somebody_else, it_cannot_make_namespaces, it_cannot_mount, it_cannot_undo_its_filters;
};
const WHAT_IT_LOOKS_FOR: &[Case] = cases! {
    processes: it_cannot_fork, a_fork_bomb_goes_off_at_zero, it_cannot_start_a_program, it_cannot_become_another_program, threads_stop_at_their_limit, it_is_alone_and_can_signal_nobody, a_thread_left_behind_ends_with_the_run, nothing_is_left_of_a_run;
    files: a_file_of_the_host_is_not_there, password_hashes_and_keys_are_not_there, the_process_table_is_not_there, the_kernel_s_files_are_not_there, the_root_holds_only_what_is_needed, no_program_of_the_system_is_there, packages_cannot_be_written, nothing_is_written_outside_tmp, links_lead_nowhere_else, the_root_cannot_be_changed, devices_that_reach_hardware_are_not_there, a_mount_in_the_jail_stays_there, the_host_s_paths_are_not_told, nothing_of_the_environment_names_the_host;
    secrets: the_environment_is_empty, the_environment_of_c_is_empty_too, the_secret_is_nowhere_in_memory, only_its_own_descriptors_are_open, standard_input_says_nothing, the_host_s_name_and_users_are_not_told;
};
/// The numbers of system calls are those of x86-64.
#[cfg(target_arch = "x86_64")]
const SYSTEM_CALLS: &[Case] = cases! {
    system_calls: a_hundred_system_calls_are_refused, clone3_hides_its_flags_and_does_not_exist, a_clone_makes_threads_only, the_x32_table_is_refused, requests_to_drivers_are_refused;
};
#[cfg(not(target_arch = "x86_64"))]
const SYSTEM_CALLS: &[Case] = &[];
const ALL: [&[Case]; 5] = [
    WHAT_IT_WRITES,
    WHAT_IT_USES,
    WHAT_IT_ASKS_THE_KERNEL,
    SYSTEM_CALLS,
    WHAT_IT_LOOKS_FOR,
];

/// What a level does not promise, as `docs/SANDBOX.md` has it: the case, the levels, and why.
const NOT_PROMISED: &[(&str, &[Level], &str)] = &[
    ("disk::tmp_fills_up_at_its_size", FILTERED, NOWHERE),
    ("disk::a_file_stops_at_its_size", FILTERED, NOWHERE),
    ("disk::files_stop_at_their_number", FILTERED, NOWHERE),
    (
        "next_run::a_file_that_was_written_is_gone",
        FILTERED,
        NOWHERE,
    ),
    ("files::links_lead_nowhere_else", FILTERED, NOWHERE),
    ("disk::tmp_fills_up_at_its_size", HOST, PLATFORM_FILES),
    ("disk::files_stop_at_their_number", HOST, PLATFORM_FILES),
    (
        "next_run::a_file_that_was_written_is_gone",
        HOST,
        PLATFORM_FILES,
    ),
    ("files::links_lead_nowhere_else", HOST, PLATFORM_FILES),
    (
        "files::a_file_of_the_host_is_not_there",
        HOST,
        PLATFORM_FILES,
    ),
    (
        "files::password_hashes_and_keys_are_not_there",
        HOST,
        PLATFORM_FILES,
    ),
    (
        "files::the_process_table_is_not_there",
        HOST,
        PLATFORM_FILES,
    ),
    (
        "files::the_kernel_s_files_are_not_there",
        HOST,
        PLATFORM_FILES,
    ),
    ("files::packages_cannot_be_written", HOST, PLATFORM_FILES),
    (
        "files::nothing_is_written_outside_tmp",
        HOST,
        PLATFORM_FILES,
    ),
    (
        "files::devices_that_reach_hardware_are_not_there",
        HOST,
        PLATFORM_FILES,
    ),
    (
        "network::names_cannot_be_resolved",
        HOST,
        "the names in /etc/hosts can be read, and nothing asked for others",
    ),
    ("files::the_root_holds_only_what_is_needed", LOWER, NO_ROOT),
    ("files::no_program_of_the_system_is_there", LOWER, NO_ROOT),
    ("files::a_mount_in_the_jail_stays_there", LOWER, NO_ROOT),
    ("files::the_host_s_paths_are_not_told", LOWER, NO_ROOT),
    (
        "files::nothing_of_the_environment_names_the_host",
        LOWER,
        NO_ROOT,
    ),
    (
        "secrets::the_host_s_name_and_users_are_not_told",
        LOWER,
        NO_ROOT,
    ),
];

const FILTERED: &[Level] = &[Level::Filtered];
const HOST: &[Level] = &[Level::HostSandboxed];
const LOWER: &[Level] = &[Level::Filtered, Level::HostSandboxed];
const NOWHERE: &str =
    "nothing can be written at all, as files::nothing_is_written_outside_tmp shows";
const PLATFORM_FILES: &str = "files are the platform's to guard, and its /tmp is shared";
const NO_ROOT: &str = "no root of its own: the paths, names and programs of the host can be seen, not opened or executed";

fn all() -> impl Iterator<Item = &'static Case> {
    ALL.into_iter().flatten()
}

/// Every case that the level promises.
#[track_caller]
fn hold(level: Level, cases: &[Case]) {
    choose(level);
    let promised = |name: &str| {
        !NOT_PROMISED
            .iter()
            .any(|(case, levels, _)| *case == name && levels.contains(&level))
    };
    let mut broken = Vec::new();
    for (name, case) in cases.iter().filter(|(name, _)| promised(name)) {
        let began = Instant::now();
        if catch_unwind(case).is_err() {
            broken.push(*name);
        }
        eprintln!("{}: {name} took {:?}", level.as_str(), began.elapsed());
    }
    assert!(broken.is_empty(), "at level {}: {broken:?}", level.as_str());
}

#[test]
fn what_is_written_at_filtered() {
    hold(Level::Filtered, WHAT_IT_WRITES);
}

#[test]
fn what_is_written_at_host_sandboxed() {
    hold(Level::HostSandboxed, WHAT_IT_WRITES);
}

#[test]
fn what_is_used_at_filtered() {
    hold(Level::Filtered, WHAT_IT_USES);
}

#[test]
fn what_is_used_at_host_sandboxed() {
    hold(Level::HostSandboxed, WHAT_IT_USES);
}

#[test]
fn what_the_kernel_is_asked_at_filtered() {
    hold(
        Level::Filtered,
        &[WHAT_IT_ASKS_THE_KERNEL, SYSTEM_CALLS].concat(),
    );
}

#[test]
fn what_the_kernel_is_asked_at_host_sandboxed() {
    hold(
        Level::HostSandboxed,
        &[WHAT_IT_ASKS_THE_KERNEL, SYSTEM_CALLS].concat(),
    );
}

#[test]
fn what_is_looked_for_at_filtered() {
    hold(Level::Filtered, WHAT_IT_LOOKS_FOR);
}

#[test]
fn what_is_looked_for_at_host_sandboxed() {
    hold(Level::HostSandboxed, WHAT_IT_LOOKS_FOR);
}

#[test]
#[cfg(target_arch = "x86_64")]
fn no_case_is_left_out() {
    let listed: BTreeSet<String> = all().map(|(name, _)| (*name).to_owned()).collect();
    let mut written = BTreeSet::new();
    for promise in listed
        .iter()
        .filter_map(|name| Some(name.split_once("::")?.0))
    {
        let path = format!("{}/tests/hostile/{promise}.rs", env!("CARGO_MANIFEST_DIR"));
        let source = std::fs::read_to_string(path).expect("a file per promise");
        let tests = source.split("#[test]\n").skip(1);
        let name = |test: &str| {
            let (_, rest) = test.split_once("fn ")?;
            Some(format!("{promise}::{}", rest.split_once('(')?.0))
        };
        written.extend(tests.filter_map(name));
    }
    assert_eq!(listed, written);
    let main = include_str!("main.rs");
    let promises: BTreeSet<_> = listed
        .iter()
        .filter_map(|name| name.split("::").next())
        .collect();
    for promise in main
        .lines()
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
    {
        let other = ["harness", "levels"].contains(&promise);
        assert!(other || promises.contains(promise), "{promise}");
    }
    for (case, _, _) in NOT_PROMISED {
        assert!(listed.contains(*case), "{case}");
    }
}
