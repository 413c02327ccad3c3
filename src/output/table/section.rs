//! One box of a table. It has a title, rows, a width, and sometimes a header.

use super::wide::measure;

/// The number of blanks that a column has in addition to its widest cell.
const PADDING: usize = 4;

/// One box.
#[derive(Debug, Default)]
pub(super) struct Section {
    /// The title; `None` for the sections of a list within a list.
    pub(super) title: Option<String>,
    pub(super) level: usize,
    pub(super) header: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
    /// The number of cells in a row; `None` before the first header or row.
    count: Option<usize>,
    /// The width of each column's widest cell.
    widest: Vec<usize>,
}

impl Section {
    pub(super) fn new(title: Option<&str>, level: usize) -> Self {
        Self {
            title: title.map(str::to_owned),
            level,
            ..Self::default()
        }
    }

    pub(super) fn set_header(&mut self, header: Vec<String>) -> Result<(), String> {
        self.measure(&header)?;
        self.count.get_or_insert(header.len());
        self.header = header;
        Ok(())
    }

    pub(super) fn add_row(&mut self, row: Vec<String>) -> Result<(), String> {
        let count = *self.count.get_or_insert(row.len());
        if row.len() != count {
            let has = row.len();
            return Err(format!(
                "Row should have {count} elements, instead it has {has}"
            ));
        }
        self.measure(&row)?;
        self.rows.push(row);
        Ok(())
    }

    fn measure(&mut self, cells: &[String]) -> Result<(), String> {
        if self.widest.is_empty() {
            self.widest = cells.iter().map(|cell| measure(cell)).collect();
            return Ok(());
        }
        if cells.len() > self.widest.len() {
            // A list within a list has a second header. It is longer than the first.
            return Err("list index out of range".to_owned());
        }
        for (widest, cell) in self.widest.iter_mut().zip(cells) {
            *widest = measure(cell).max(*widest);
        }
        Ok(())
    }

    /// The number of columns that the section needs, including the frames around it.
    pub(super) fn width(&self) -> usize {
        let body: usize = self.widest.iter().map(|width| width + PADDING).sum();
        let title = measure(self.title.as_deref().unwrap_or("None"));
        body.max(title) + 2 + 2 * self.level
    }

    /// The widths of the section's columns if they share `room`. The widths are scaled first. Then they are corrected
    /// one by one: from the left if their sum is too large, from the right if it is too small.
    pub(super) fn columns(&self, room: usize) -> Vec<usize> {
        let needed: Vec<usize> = self.widest.iter().map(|width| width + PADDING).collect();
        let sum = needed.iter().sum::<usize>();
        if sum == 0 {
            return needed;
        }
        let scale = as_float(room) / as_float(sum);
        let mut scaled: Vec<usize> = needed
            .iter()
            .map(|width| rounded(scale * as_float(*width)))
            .collect();
        let mut total = scaled.iter().sum::<usize>();
        while total != room {
            let wide = total > room;
            let count = scaled.len();
            for at in 0..count {
                if wide {
                    scaled[at] = scaled[at].saturating_sub(1);
                    total -= 1;
                } else {
                    scaled[count - 1 - at] += 1;
                    total += 1;
                }
                if total == room {
                    break;
                }
            }
        }
        scaled
    }

    /// Turns a section that has one row: each column becomes a row with a key and a value.
    pub(super) fn turned(self) -> Result<Self, String> {
        let ([row], false) = (self.rows.as_slice(), self.header.is_empty()) else {
            return Ok(self);
        };
        let mut turned = Self::new(self.title.as_deref(), self.level);
        for (key, cell) in self.header.iter().zip(row) {
            turned.add_row(vec![key.clone(), cell.clone()])?;
        }
        Ok(turned)
    }
}

fn as_float(width: usize) -> f64 {
    width as f64
}

/// Python's `round`: halves go to the even neighbour.
fn rounded(width: f64) -> usize {
    width.round_ties_even() as usize
}
