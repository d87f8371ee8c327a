//! Small dense linear algebra: a matrix and the solution of a symmetric positive system.
//!
//! A place outside a matrix reads as zero and writes nothing, so no index can panic. For systems of a few dozen
//! unknowns; never for large ones.

/// A dense matrix, row by row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Matrix {
    pub(crate) columns: usize,
    cells: Vec<f64>,
}

impl Matrix {
    pub(crate) fn zeros(rows: usize, columns: usize) -> Self {
        Self {
            columns,
            cells: vec![0.0; rows * columns],
        }
    }

    pub(crate) fn get(&self, row: usize, column: usize) -> f64 {
        if column >= self.columns {
            return 0.0;
        }
        self.cells
            .get(row * self.columns + column)
            .copied()
            .unwrap_or(0.0)
    }

    pub(crate) fn set(&mut self, row: usize, column: usize, value: f64) {
        if column < self.columns
            && let Some(cell) = self.cells.get_mut(row * self.columns + column)
        {
            *cell = value;
        }
    }

    pub(crate) fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.cells.chunks_exact(self.columns.max(1))
    }

    /// The product with the transpose of another: `self · otherᵀ`.
    pub(crate) fn times_transposed(&self, other: &Self) -> Self {
        let of_row = |row: &[f64]| other.rows().map(|right| dot(row, right)).collect::<Vec<_>>();
        let columns = other.rows().len();
        Self {
            columns,
            cells: self.rows().flat_map(of_row).collect(),
        }
    }

    pub(crate) fn transposed(&self) -> Self {
        let rows = self.rows().len();
        let mut turned = Self::zeros(self.columns, rows);
        for (at, row) in self.rows().enumerate() {
            for (column, value) in row.iter().enumerate() {
                turned.set(column, at, *value);
            }
        }
        turned
    }

    /// Adds another of the same shape.
    pub(crate) fn add(&mut self, other: &Self) {
        for (cell, more) in self.cells.iter_mut().zip(&other.cells) {
            *cell += more;
        }
    }

    /// The largest absolute value.
    pub(crate) fn largest(&self) -> f64 {
        self.cells.iter().fold(0.0, |most, cell| most.max(cell.abs()))
    }
}

pub(crate) fn dot(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

/// The Cholesky factor of a symmetric positive matrix, lower; `None` when it is not positive.
pub(crate) struct Cholesky(Matrix);

impl Cholesky {
    pub(crate) fn of(matrix: &Matrix) -> Option<Self> {
        let n = matrix.columns;
        let mut lower = Matrix::zeros(n, n);
        for row in 0..n {
            for column in 0..=row {
                let known: f64 = (0..column)
                    .map(|at| lower.get(row, at) * lower.get(column, at))
                    .sum();
                let rest = matrix.get(row, column) - known;
                if row == column {
                    // Far below the diagonal it came from, a pivot is only rounding.
                    if !rest.is_finite() || rest <= 1e-13 * matrix.get(row, row) {
                        return None;
                    }
                    lower.set(row, row, rest.sqrt());
                } else {
                    lower.set(row, column, rest / lower.get(column, column));
                }
            }
        }
        Some(Self(lower))
    }

    /// L⁻¹·b.
    pub(crate) fn forward(&self, right: &[f64]) -> Vec<f64> {
        let mut solved: Vec<f64> = Vec::with_capacity(right.len());
        for (row, value) in right.iter().enumerate() {
            let known: f64 = solved
                .iter()
                .enumerate()
                .map(|(at, done)| self.0.get(row, at) * done)
                .sum();
            solved.push((value - known) / self.0.get(row, row));
        }
        solved
    }

    /// The solution of the whole system.
    pub(crate) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let half = self.forward(right);
        let n = half.len();
        let mut solved = vec![0.0; n];
        for row in (0..n).rev() {
            let known: f64 = (row + 1..n)
                .map(|at| self.0.get(at, row) * solved.get(at).copied().unwrap_or(0.0))
                .sum();
            let value = (half.get(row).copied().unwrap_or(0.0) - known) / self.0.get(row, row);
            if let Some(cell) = solved.get_mut(row) {
                *cell = value;
            }
        }
        solved
    }
}
