//! What to try, as commands that work when they are pasted into a shell on the same machine.

use crate::demo::DEMONSTRATION;
use crate::demo::deliveries::{newest_week, week};
use crate::demo::directory::Directory;
use crate::demo::places::OFFICE_REGION;
use chrono::NaiveDate;
use std::path::Path;

/// The week in which most of the shocks are.
const SHOCK_WEEK: u64 = 155;

/// Facts that the commands need.
pub(super) struct Guide<'a> {
    pub(super) base_url: &'a str,
    pub(super) directory: &'a Directory,
    pub(super) first_day: NaiveDate,
    pub(super) today: NaiveDate,
    /// The rejected submission whose findings are shown.
    pub(super) rejected: Option<&'a String>,
}

impl Guide<'_> {
    /// The commands, each with what it shows in Ukrainian and English.
    pub(super) fn text(&self) -> String {
        let (url, region) = (self.base_url, OFFICE_REGION);
        let newest = newest_week(self.first_day, self.today).map_or(String::new(), |week| week.to_string());
        let shock = week(self.first_day, SHOCK_WEEK).map_or(String::new(), |week| week.to_string());
        let analyst = shell_quoted(&self.directory.token_path("demo-analyst"));
        let dms = shell_quoted(&self.directory.token_path("demo-dms"));
        let npu = shell_quoted(&self.directory.token_path("demo-npu"));
        let comment = serde_urlencoded::to_string([("comment", DEMONSTRATION)]).unwrap_or_default();
        let rejected = self.rejected.map_or("", String::as_str);
        format!(
            r#"# Токени діють десять хвилин; файли оновлюються, доки триває демонстрація: за потреби повторіть ці рядки.
# Tokens live for ten minutes; the files are kept fresh while the demonstration runs: paste these lines again.
ANALYST=$(cat {analyst})
DMS=$(cat {dms})
NPU=$(cat {npu})

# 1. Спостереження: заяви про захист у Львівській області, тиждень {newest}
# 1. Observations: applications for protection in Lvivska oblast, week {newest}
curl -sS -H "Authorization: Bearer $ANALYST" '{url}/v1/observations?indicator=ASY_APPL&territory={region}&from={newest}&lineage=true&format=csv'

# 2. Ризик-показник: незаконні перетини за ділянками кордону, рівень підвищений і вище
# 2. A risk metric: illegal crossings by border section, elevated and above
curl -sS -H "Authorization: Bearer $ANALYST" '{url}/v1/risk-metrics/RM_IBC_WEEK/values?from={shock}&level=elevated&level=high&level=critical&format=csv'

# 3. Пояснення одного значення: обчислення і кожен рядок, на якому воно тримається
# 3. One value explained: the computation and every row that it rests on
curl -sS -w '\n' -H "Authorization: Bearer $ANALYST" '{url}/v1/risk-metrics/RM_IBC_WEEK/explanation?period={shock}&dimension=border_section=MD'

# 4. Перевірка файлу з помилками: нічого не зберігається, усі зауваження одразу
# 4. Checking a faulty file: nothing is stored, every finding at once
printf 'indicator,period,territory,citizenship,value\nASY_APPL,{newest},{region},Сирія,-3\nASY_APPL,2026-W99,UA00,SY,1.5\n' | curl -sS -w '\n' -H "Authorization: Bearer $DMS" -H 'Content-Type: text/csv' --data-binary @- '{url}/v1/validations?dataflow=ASYLUM_WEEKLY'

# 5. Подання CSV; повторіть рядок: відповідь та сама, двічі не враховано
# 5. Submitting a CSV file; paste it twice: the same answer, nothing is counted twice
printf 'indicator,period,territory,citizenship,value\nASY_APPL,{newest},{region},ER,4\n' | curl -sS -w '\n' -H "Authorization: Bearer $DMS" -H 'Content-Type: text/csv' -H 'Idempotency-Key: demo-guide-{newest}-0001' --data-binary @- '{url}/v1/submissions?dataflow=ASYLUM_WEEKLY&{comment}'

# 6. Зауваження до відхиленого подання Національної поліції
# 6. Findings of a rejected submission of the National Police
curl -sS -H "Authorization: Bearer $NPU" '{url}/v1/submissions/{rejected}/findings?format=csv'

# Документація / documentation: {url}/docs/
# Зупинити / stop: Ctrl+C
"#
        )
    }
}

/// A path as one word of a POSIX shell.
fn shell_quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_one_word_whatever_it_holds() {
        assert_eq!(shell_quoted(Path::new("/a b/c'd")), r"'/a b/c'\''d'");
    }
}
