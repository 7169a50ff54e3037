//! What a SELECT list says about the columns of its result.

/// The columns of a result, known before the first row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Columns {
    /// One column an item of the SELECT list, in its order.
    List(Vec<Column>),
    /// The list cannot be known from the text (`FIELDS(ALL)`, TYPEOF): take the first record's.
    FromFirstRecord,
    /// `SELECT COUNT() FROM X`: no rows, the number is the size.
    Count,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The header: the path as typed (`Account.Name`), the alias, `expr0`, or the name of the
    /// subquery's relationship.
    pub name: String,
    /// Where the value stands in a record, step by step; compared without case.
    pub path: Vec<String>,
}
