//! A hand-written SQL statement with bound values that PostgreSQL prepares once for each connection.
//!
//! `diesel::sql_query` is never cached as a prepared statement, which costs about as much again on hot paths.
//! Values are always bound, never pasted into the text; `?` marks their places.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::RunQueryDsl;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{
    Array, BigInt, Binary, Bool, Date, Double, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz,
    Untyped, Uuid as SqlUuid,
};
use std::borrow::Cow;
use std::marker::PhantomData;
use uuid::Uuid;

/// A value to bind.
#[derive(Debug)]
pub(crate) enum Bind<'a> {
    BigInt(i64),
    MaybeBigInt(Option<i64>),
    Int(i32),
    MaybeInt(Option<i32>),
    SmallInt(i16),
    Flag(bool),
    Text(&'a str),
    OwnedText(String),
    MaybeText(Option<&'a str>),
    Bytes(&'a [u8]),
    MaybeBytes(Option<&'a [u8]>),
    Uuid(Uuid),
    MaybeUuid(Option<Uuid>),
    Instant(DateTime<Utc>),
    MaybeInstant(Option<DateTime<Utc>>),
    Day(NaiveDate),
    Json(&'a serde_json::Value),
    MaybeJson(Option<&'a serde_json::Value>),
    BigInts(&'a [i64]),
    Ints(&'a [i32]),
    SmallInts(&'a [i16]),
    Days(&'a [NaiveDate]),
    MaybeDoubles(&'a [Option<f64>]),
    Texts(&'a [&'a str]),
    OwnedTexts(&'a [String]),
}

/// The text with `?` at the place of each bound value.
#[derive(Debug)]
pub(crate) struct Statement<'a> {
    sql: Cow<'static, str>,
    binds: Vec<Bind<'a>>,
}

impl<'a> Statement<'a> {
    pub(crate) fn new(sql: impl Into<Cow<'static, str>>, binds: Vec<Bind<'a>>) -> Self {
        Self {
            sql: sql.into(),
            binds,
        }
    }

    /// The same, with columns of these SQL types in this order. Rows are then read by place: reading by name
    /// looks the name up again in each row, which is half of the cost of a wide read.
    pub(crate) fn typed<Columns>(self) -> TypedStatement<'a, Columns> {
        TypedStatement {
            statement: self,
            columns: PhantomData,
        }
    }
}

/// A statement whose columns have known types.
#[derive(Debug)]
pub(crate) struct TypedStatement<'a, Columns> {
    statement: Statement<'a>,
    columns: PhantomData<Columns>,
}

impl QueryFragment<Pg> for Statement<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut pieces = self.sql.split('?');
        if let Some(first) = pieces.next() {
            out.push_sql(first);
        }
        for (bind, piece) in self.binds.iter().zip(pieces) {
            match bind {
                Bind::BigInt(value) => out.push_bind_param::<BigInt, _>(value)?,
                Bind::MaybeBigInt(value) => out.push_bind_param::<Nullable<BigInt>, _>(value)?,
                Bind::Int(value) => out.push_bind_param::<Integer, _>(value)?,
                Bind::MaybeInt(value) => out.push_bind_param::<Nullable<Integer>, _>(value)?,
                Bind::Flag(value) => out.push_bind_param::<Bool, _>(value)?,
                Bind::SmallInt(value) => out.push_bind_param::<SmallInt, _>(value)?,
                Bind::Text(value) => out.push_bind_param::<Text, _>(value)?,
                Bind::OwnedText(value) => out.push_bind_param::<Text, _>(value)?,
                Bind::MaybeText(value) => out.push_bind_param::<Nullable<Text>, _>(value)?,
                Bind::Bytes(value) => out.push_bind_param::<Binary, _>(value)?,
                Bind::MaybeBytes(value) => out.push_bind_param::<Nullable<Binary>, _>(value)?,
                Bind::Uuid(value) => out.push_bind_param::<SqlUuid, _>(value)?,
                Bind::MaybeUuid(value) => out.push_bind_param::<Nullable<SqlUuid>, _>(value)?,
                Bind::Instant(value) => out.push_bind_param::<Timestamptz, _>(value)?,
                Bind::MaybeInstant(value) => out.push_bind_param::<Nullable<Timestamptz>, _>(value)?,
                Bind::Day(value) => out.push_bind_param::<Date, _>(value)?,
                Bind::Json(value) => out.push_bind_param::<Jsonb, serde_json::Value>(value)?,
                Bind::MaybeJson(value) => out.push_bind_param::<Nullable<Jsonb>, _>(value)?,
                Bind::BigInts(values) => out.push_bind_param::<Array<BigInt>, _>(values)?,
                Bind::Ints(values) => out.push_bind_param::<Array<Integer>, _>(values)?,
                Bind::SmallInts(values) => out.push_bind_param::<Array<SmallInt>, _>(values)?,
                Bind::Days(values) => out.push_bind_param::<Array<Date>, _>(values)?,
                Bind::MaybeDoubles(values) => out.push_bind_param::<Array<Nullable<Double>>, _>(values)?,
                Bind::Texts(values) => out.push_bind_param::<Array<Text>, _>(values)?,
                Bind::OwnedTexts(values) => out.push_bind_param::<Array<Text>, _>(values)?,
            }
            out.push_sql(piece);
        }
        Ok(())
    }
}

impl QueryId for Statement<'_> {
    type QueryId = ();
    // Cached by its text instead of its type.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Statement<'_> {
    type SqlType = Untyped;
}

impl RunQueryDsl<PgConnection> for Statement<'_> {}

impl<Columns> QueryFragment<Pg> for TypedStatement<'_, Columns> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.statement.walk_ast(out)
    }
}

impl<Columns> QueryId for TypedStatement<'_, Columns> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Columns> Query for TypedStatement<'_, Columns> {
    type SqlType = Columns;
}

impl<Columns> RunQueryDsl<PgConnection> for TypedStatement<'_, Columns> {}
