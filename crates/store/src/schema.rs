//! Tables for the statements that diesel builds; a test compares them with the migrated database.

diesel::table! {
    /// The ledger of observations.
    observation (series_id, period, position) {
        series_id -> BigInt,
        position -> BigInt,
        value -> Nullable<Double>,
        period -> Date,
        row_number -> Integer,
        flags -> Integer,
        status -> SmallInt,
        confidentiality -> SmallInt,
    }
}
