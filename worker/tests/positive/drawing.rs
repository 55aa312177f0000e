//! matplotlib, with labels that need its own fonts and its mathematics.

use crate::harness::{Request, on_every_worker};

#[track_caller]
fn draws(body: &str) {
    let code = format!(
        "import matplotlib.pyplot as plt\ndef calculate():\n    fig, ax = plt.subplots()\n    {body}\n    return {{'drawn': fig}}"
    );
    on_every_worker(&Request::new(code), |run| {
        let result = run.result();
        let figure = &result["drawn"];
        assert_eq!(figure["$type"], "figure", "{result}");
        assert_eq!(figure["format"], "svg");
        assert!(
            figure["data"]
                .as_str()
                .is_some_and(|data| data.len() > 1000),
            "inline without slots"
        );
        assert!(run.stderr.is_empty(), "{}", run.stderr);
    });
}

#[test]
fn a_line() {
    draws("ax.plot([1, 2, 3])");
}

#[test]
fn labels_like_tex() {
    draws(
        r"ax.set_xlabel(r'$\sigma_{a}\ [\mathrm{MPa}]$'); ax.set_title(r'$\frac{\partial u}{\partial t}=\alpha\nabla^2 u$')",
    );
}

#[test]
fn letters_beyond_latin() {
    draws("ax.set_title('Δσ — напряжение — τάση — é ≤ ½')");
}

#[test]
fn colours_contours_and_three_dimensions() {
    draws(
        "ax.contourf([[0, 1], [1, 2]]); fig.add_subplot(122, projection='3d').plot([0, 1], [0, 1], [0, 1])",
    );
}

#[test]
fn a_raster_image_is_written() {
    let code = "import matplotlib.pyplot as plt\ndef calculate():\n    plt.plot([1, 2]); plt.savefig('/tmp/a.png'); plt.close()\n    return open('/tmp/a.png', 'rb').read(4)[1:].decode()";
    on_every_worker(&Request::new(code), |run| assert_eq!(run.result(), "PNG"));
}
