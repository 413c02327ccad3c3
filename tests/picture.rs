//! `docs/img/` holds pictures of the README's first rehearsal, in a light and a dark form.
//!
//! The text is that of the README's first printed block, which `tests/console.rs` proves to be a real report.
//! `LAMBDRY_CASES=overwrite cargo test --test picture` draws the pictures again.
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its own environment"
)]

use std::{fs, path::Path};

/// The colours of paper, frame, text, red, green, and faint text.
struct Palette {
    name: &'static str,
    paper: &'static str,
    frame: &'static str,
    ink: &'static str,
    red: &'static str,
    green: &'static str,
    faint: &'static str,
}

const PALETTES: [Palette; 2] = [
    Palette {
        name: "light",
        paper: "#ffffff",
        frame: "#d0d7de",
        ink: "#1f2328",
        red: "#cf222e",
        green: "#1a7f37",
        faint: "#59636e",
    },
    Palette {
        name: "dark",
        paper: "#0d1117",
        frame: "#3d444d",
        ink: "#f0f6fc",
        red: "#ff7b72",
        green: "#56d364",
        faint: "#9198a1",
    },
];

/// The width of a character, the height of a line, and the margin, in pixels.
const CHARACTER: f64 = 7.83;
const LINE: usize = 18;
const MARGIN: usize = 16;

/// The command in the picture, and its report.
fn rehearsal() -> (String, Vec<String>) {
    let readme = fs::read_to_string(folder().join("README.md")).expect("a README");
    let printed = readme.split("```text printed\n").nth(1).expect("a block");
    let report = printed.split("\n```").next().expect("an end");
    let command = readme
        .lines()
        .find(|line| line.starts_with("lambdry rehearse"))
        .expect("a command");
    let report = report
        .lines()
        .skip_while(|line| !line.starts_with("Rehearsal of"))
        .take_while(|line| !line.starts_with("[exit status"));
    (command.to_owned(), report.map(str::to_owned).collect())
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn escaped(line: &str) -> String {
    line.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Draws the picture. It has one line of text for each line of the report.
fn picture(palette: &Palette) -> String {
    let (command, report) = rehearsal();
    let mut lines = vec![format!("$ {command}"), String::new()];
    lines.extend(report);
    let widest = lines.iter().map(|line| line.chars().count()).max();
    let columns = u32::try_from(widest.unwrap_or_default()).expect("a width");
    let width = (f64::from(columns) * CHARACTER).ceil() as usize + 2 * MARGIN;
    let height = lines.len() * LINE + 2 * MARGIN;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
         <rect x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"8\" fill=\"{}\" stroke=\"{}\"/>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"13\" fill=\"{}\">\n",
        width - 1,
        height - 1,
        palette.paper,
        palette.frame,
        palette.ink
    );
    let verdict = lines.iter().rposition(String::is_empty);
    for (at, line) in lines.iter().enumerate() {
        let text = line.trim_start();
        let headline = !line.is_empty() && !line.starts_with(' ');
        let last = verdict.is_some_and(|verdict| at > verdict);
        let style = if text.starts_with("error: ") || text.contains(" failed: ") {
            format!(" fill=\"{}\"", palette.red)
        } else if text.starts_with("instead: ") {
            format!(" fill=\"{}\"", palette.green)
        } else if at == 0 {
            format!(" fill=\"{}\"", palette.faint)
        } else if headline || last {
            " font-weight=\"600\"".to_owned()
        } else {
            String::new()
        };
        if !line.is_empty() {
            let y = MARGIN + (at + 1) * LINE - 5;
            svg += &format!(
                "<text x=\"{MARGIN}\" y=\"{y}\" xml:space=\"preserve\"{style}>{}</text>\n",
                escaped(line)
            );
        }
    }
    svg + "</g>\n</svg>\n"
}

#[test]
fn the_pictures_show_the_report_that_the_readme_prints() {
    for palette in &PALETTES {
        let path = folder().join(format!("docs/img/rehearsal-{}.svg", palette.name));
        let drawn = picture(palette);
        assert!(drawn.contains("race-after-update"), "{drawn}");
        if std::env::var_os("LAMBDRY_CASES").is_some_and(|set| set == "overwrite") {
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(&path, drawn).expect("written");
            continue;
        }
        let kept = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == drawn,
            "{} is not the report: LAMBDRY_CASES=overwrite cargo test --test picture",
            path.display()
        );
    }
}
