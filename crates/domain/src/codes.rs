//! The one registry of codes: problems of a request and findings of a submission, with both languages.
//!
//! A code is never removed and never given another meaning. Which field is wrong stands in the finding's
//! place, not in the code. Placeholders in texts: `{field}`, `{value}`, `{expected}`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of problem a code is; the HTTP edge maps it to a status, a finding has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemClass {
    /// The request cannot be read: 400.
    BadRequest,
    /// Nobody is signed in: 401.
    Unauthenticated,
    /// Signed in, but without the right: 403.
    Forbidden,
    /// Not there, or not this caller's: 404.
    NotFound,
    /// The method is not one of the path's: 405.
    MethodNotAllowed,
    /// No representation that the caller accepts: 406.
    NotAcceptable,
    /// The body did not arrive in time: 408.
    RequestTimeout,
    /// The state of the resource does not allow it: 409.
    Conflict,
    /// A precondition that the caller named does not hold: 412.
    PreconditionFailed,
    /// A precondition is required and was not named: 428.
    PreconditionRequired,
    /// Too large: 413.
    TooLarge,
    /// A media type, character set or coding that is not understood: 415.
    UnsupportedMedia,
    /// Understood, but not acceptable: 422.
    Unprocessable,
    /// More than the body's quota: 429.
    TooManyRequests,
    /// Our fault: 500.
    Internal,
    /// Not now: 503.
    Unavailable,
    /// Part of a submission's report, never an answer by itself.
    Finding,
}

macro_rules! codes {
    ($($variant:ident $code:literal $class:ident $uk:literal $en:literal)+) => {
        /// A stable code, `area.snake_case`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Code { $(#[doc = $en] #[serde(rename = $code)] $variant),+ }

        impl Code {
            /// The whole registry.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The code as it is written everywhere.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$variant => $code),+ } }
            /// What kind of problem it is.
            #[must_use]
            pub fn class(self) -> ProblemClass { match self { $(Self::$variant => ProblemClass::$class),+ } }
            /// The Ukrainian text, with placeholders.
            #[must_use]
            pub fn text_uk(self) -> &'static str { match self { $(Self::$variant => $uk),+ } }
            /// The English text, with placeholders.
            #[must_use]
            pub fn text_en(self) -> &'static str { match self { $(Self::$variant => $en),+ } }
            /// The code behind its text.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> { match code { $($code => Some(Self::$variant),)+ _ => None } }
        }
    };
}

codes! {
    RequestMalformed "request.malformed" BadRequest "Запит не вдалося прочитати" "The request cannot be read"
    HeaderInvalid "header.invalid" BadRequest "Заголовок запиту має інший вигляд, ніж очікується" "A request header does not have the expected form"
    ParameterUnknown "parameter.unknown" BadRequest "Такого параметра запиту немає" "There is no such query parameter"
    ParameterInvalid "parameter.invalid" BadRequest "Параметр запиту має інше значення, ніж очікується" "A query parameter does not have an expected value"
    CursorInvalid "cursor.invalid" BadRequest "Курсор не підходить до цього запиту: почніть із першої сторінки" "The cursor does not belong to this query: start from the first page"
    IdempotencyKeyMissing "idempotency.key_missing" BadRequest "Додайте заголовок Idempotency-Key" "Add the header Idempotency-Key"
    IdempotencyKeyInvalid "idempotency.key_invalid" BadRequest "Idempotency-Key: від 16 до 128 знаків A-Z a-z 0-9 . _ : -" "Idempotency-Key: 16 to 128 characters of A-Z a-z 0-9 . _ : -"
    DigestMismatch "digest.mismatch" BadRequest "Content-Digest не збігається з тілом запиту; нічого не збережено" "Content-Digest does not match the body; nothing was stored"
    ContentCodingInvalid "content_encoding.invalid" BadRequest "Стисніть тіло запиту знову: gzip пошкоджено або обірвано; нічого не збережено" "Compress the body again: the gzip is damaged or breaks off; nothing was stored"
    TokenInvalid "auth.unauthenticated" Unauthenticated "Потрібен чинний токен доступу" "A valid access token is needed"
    ScopeInsufficient "auth.insufficient_scope" Forbidden "Цей ключ не має потрібного права. Зверніться до адміністратора центру" "This key lacks the needed right. Ask the centre's administrator"
    ResourceNotFound "resource.not_found" NotFound "Не знайдено" "Not found"
    MethodNotAllowed "method.not_allowed" MethodNotAllowed "Ця адреса не підтримує такого методу" "This address does not support that method"
    AcceptUnsupported "accept.not_supported" NotAcceptable "Немає відповіді у форматі, який приймає клієнт" "No representation that the client accepts"
    BodyTimeout "body.timeout" RequestTimeout "Тіло запиту не надійшло вчасно; нічого не збережено" "The body did not arrive in time; nothing was stored"
    IdempotencyInProgress "idempotency.in_progress" Conflict "Запит із цим ключем ще виконується; повторіть пізніше" "A request with this key is still running; repeat later"
    ValidationStale "validation.stale" Conflict "Дані або правила змінилися після перевірки; перевірте файл ще раз" "Data or rules changed since the dry run; validate the file again"
    PublicationMethodUnfit "publication.method_unfit" Conflict "Цей період уже оприлюднювали іншим способом, або показник не є кількістю: візьміть названий method" "This period was told by another method before, or the metric is no count: take the method that is named"
    SubmissionNotCancellable "submission.not_cancellable" Conflict "Скасувати можна лише подання, яке ще не почали читати" "Only a submission that is not being read yet can be cancelled"
    AgreementVersionStale "agreement.version_stale" Conflict "Угоду вже змінено: прочитайте її знову і повторіть рішення з новою версією" "The agreement has changed meanwhile: read it again and repeat with its new version"
    AlertDecisionNotAllowed "alert.decision_not_allowed" Conflict "У теперішньому стані тривоги таке рішення неможливе: прочитайте її знову" "In its present state the alert takes no such decision: read it again"
    AgreementDecisionNotAllowed "agreement.decision_not_allowed" Conflict "У теперішньому стані угоди таке рішення неможливе або належить іншій стороні" "In its present state the agreement takes no such decision, or it is the other party's to make"
    PeriodFrozen "period.frozen" Conflict "Період закрито для подання. Попросіть центр відкрити його; нічого не збережено" "The period is closed. Ask the centre to reopen it; nothing was stored"
    DuplicateContent "submission.duplicate_content" Conflict "Таке саме подання вже прийнято, і його дані чинні: надсилати ще раз не потрібно" "The very same submission was accepted and is current: there is no need to send it again"
    NotRetractable "submission.not_retractable" Conflict "Відкликати можна прийняте подання, яке ще не відкликано" "Only an accepted submission that is not retracted yet can be retracted"
    PreconditionFailed "precondition.failed" PreconditionFailed "Дані змінилися після того, як їх прочитано. Прочитайте чинний slice_etag і надішліть If-Match знову; нічого не збережено" "The figures changed since they were read. Read the current slice_etag and send If-Match again; nothing was stored"
    PreconditionMissing "precondition.missing" PreconditionRequired "Виправлення з mode=merge потребує If-Match із чинним slice_etag; нічого не збережено" "A correction with mode=merge needs If-Match with the current slice_etag; nothing was stored"
    BodyTooLarge "body.too_large" TooLarge "Тіло запиту більше за дозволене" "The body is larger than allowed"
    ContentTypeUnsupported "content_type.not_supported" UnsupportedMedia "Тип вмісту не підтримується: надішліть application/json, application/x-ndjson, text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet або application/vnd.sdmx.data+csv" "The content type is not supported: send application/json, application/x-ndjson, text/csv, application/vnd.openxmlformats-officedocument.spreadsheetml.sheet or application/vnd.sdmx.data+csv"
    ContentCodingUnsupported "content_encoding.not_supported" UnsupportedMedia "Таке стиснення тіла запиту не приймається: надішліть gzip або без стиснення" "This coding of the body is not accepted: send gzip, or no coding"
    IdempotencyKeyReused "idempotency.key_reused" Unprocessable "Цей ключ уже використано для іншого запиту" "This key was used for another request"
    MemberInvalid "request.member_invalid" Unprocessable "Поле запиту має інше значення, ніж очікується; нічого не збережено" "A member of the request does not have an expected value; nothing was stored"
    ProfileStateConflict "profile.state_conflict" Conflict "Стан цієї версії опису файла цього не дозволяє: надішліть нову версію" "The state of this version of the mapping profile does not allow it: send a new version"
    ProfileSecondPerson "profile.second_person" Conflict "Опис файла затверджує не його автор: попросіть колегу з власним ключем" "A mapping profile is not approved by its author: ask a colleague with a key of their own"
    ProfileInvalid "profile.invalid" Unprocessable "Опис файла не прийнято: виправте зауваження і надішліть ще раз" "The mapping profile is not accepted: correct the findings and send it again"
    DefinitionStateConflict "risk_metric.state_conflict" Conflict "Стан цієї версії ризик-показника цього не дозволяє: надішліть нову версію" "The state of this version of the risk metric does not allow it: send a new version"
    DefinitionSecondPerson "risk_metric.second_person" Conflict "Опис ризик-показника оприлюднює не його автор: попросіть колегу з власним ключем" "A definition of a risk metric is not published by its author: ask a colleague with a key of their own"
    DefinitionInvalid "risk_metric.definition_invalid" Unprocessable "Опис ризик-показника не прийнято: виправте зауваження і надішліть ще раз" "The definition of the risk metric is not accepted: correct the findings and send it again"
    TestRunTooLarge "risk_metric.test_run_too_large" Unprocessable "Випробування завелике: попросіть коротший проміжок" "The test run is too large: ask for a shorter range"
    SubmissionRejected "submission.rejected" Unprocessable "Не прийнято. Жоден рядок не записано" "Not accepted. No row was stored"
    QuotaExceeded "quota.exceeded" TooManyRequests "Зачекайте: запитів або даних цього органу більше, ніж передбачено на цей час" "Wait a little: this body sent more requests or data than its quota for the time"
    ServerError "server.error" Internal "Внутрішня помилка. Повторіть із тим самим ключем; якщо повториться, повідомте номер запиту" "Internal error. Repeat with the same key; if it happens again, report the request id"
    JobInterrupted "job.interrupted" Internal "Роботу перервано; її буде розпочато знову" "The work was interrupted; it is begun again"
    ServerOverloaded "server.overloaded" Unavailable "Сервіс перевантажено; повторіть пізніше" "The service is overloaded; repeat later"

    JsonSyntax "json.syntax" Finding "Виправте JSON: {expected}" "Correct the JSON: {expected}"
    JsonDuplicateMember "json.duplicate_member" Finding "Поле {field} вказано двічі; залиште одне" "The member {field} stands twice; keep one"
    JsonMemberUnknown "json.member_unknown" Finding "Поля {field} немає в схемі; перевірте назву" "There is no member {field} in the schema; check its name"
    JsonType "json.type" Finding "{field}: потрібно {expected}. Зараз: «{value}»" "{field}: {expected} is needed. Found: \"{value}\""
    CsvHeaderMissing "csv.header_missing" Finding "Додайте рядок заголовків: {expected}" "Add the header row: {expected}"
    CsvColumnUnknown "csv.column_unknown" Finding "Стовпця «{value}» немає в описі; перевірте назву або приберіть його" "The column \"{value}\" is not described; check its name or remove it"
    CsvColumnMissing "csv.column_missing" Finding "Додайте стовпець {expected}" "Add the column {expected}"
    CsvColumnDuplicate "csv.column_duplicate" Finding "Стовпець «{value}» є двічі; залиште один" "The column \"{value}\" stands twice; keep one"
    CsvRowWidth "csv.row_width" Finding "У рядку клітинок більше, ніж заголовків: {value} замість {expected}" "The row has more cells than the header: {value} instead of {expected}"
    CsvQuoteUnclosed "csv.quote_unclosed" Finding "Закрийте лапки, відкриті в цьому рядку" "Close the quotation mark opened in this row"
    CsvHeaderUnexpected "csv.header_unexpected" Finding "Заголовок інший, ніж в описі: «{value}» замість «{expected}»" "The header differs from the profile: \"{value}\" instead of \"{expected}\""
    EncodingInvalid "encoding.invalid" Finding "Збережіть файл у кодуванні {expected}: знайдено байти, яких у ньому не буває" "Save the file as {expected}: bytes were found that cannot occur in it"
    TextControlCharacter "text.control_character" Finding "{field}: приберіть керівні знаки" "{field}: remove control characters"
    TextTooLong "text.too_long" Finding "{field}: текст довший за {expected} знаків" "{field}: the text is longer than {expected} characters"
    RowTooLong "row.too_long" Finding "Рядок довший за {expected} байтів" "The row is longer than {expected} bytes"
    RowsTooMany "row.too_many" Finding "Рядків більше за дозволені {expected}; поділіть подання" "More rows than the {expected} allowed; split the submission"
    RowDuplicateKey "row.duplicate_key" Finding "Той самий ряд і період уже є в рядках: {expected}. Залиште один" "The same series and period stand in rows {expected} too. Keep one"
    SubmissionEmpty "submission.empty" Finding "У поданні немає жодного рядка даних" "The submission has no data row"
    SubmissionCancelled "submission.cancelled" Finding "Подання скасовано відправником до читання; жоден рядок не записано" "The sender cancelled the submission before it was read; no row was stored"
    DataflowUnknown "dataflow.unknown" Finding "Потоку даних «{value}» немає в каталозі" "The dataflow \"{value}\" is not in the catalogue"
    DefinitionUnsound "risk_metric.definition_unsound" Finding "{field}: виправте опис ризик-показника. {expected}" "{field}: correct the definition of the risk metric. {expected}"
    ProfileUnknown "profile.unknown" Finding "Опису файла «{value}» немає або він не для цього органу" "The mapping profile \"{value}\" does not exist or is not this body's"
    ProfileRetired "profile.retired" Finding "Опис файла «{value}» більше не чинний. {expected}" "The mapping profile \"{value}\" is no longer in force. {expected}"
    ProfileNotApproved "profile.not_approved" Finding "Версію «{value}» опису файла ще не затверджено; випробуйте її через test-runs. {expected}" "The version \"{value}\" of the mapping profile is not approved yet; try it with test-runs. {expected}"
    ProfileIncomplete "profile.incomplete" Finding "{field}: вкажіть, звідки береться {expected}" "{field}: say where the {expected} comes from"
    ProfileContradictory "profile.contradictory" Finding "{field}: «{value}» суперечить «{expected}»; залиште одне" "{field}: \"{value}\" contradicts \"{expected}\"; keep one"
    ProfileMeaningUnknown "profile.meaning_unknown" Finding "{field}: «{value}» не є ні виміром, ні одним зі слів {expected}" "{field}: \"{value}\" is neither a dimension nor one of the words {expected}"
    ProfileColumnUndescribed "profile.column_undescribed" Finding "{field}: опишіть стовпець «{value}» у columns" "{field}: describe the column \"{value}\" in columns"
    ProfileSkipRuleEmpty "profile.skip_rule_empty" Finding "{field}: додайте до правила «{value}» умову equals, starts_with, contains або empty" "{field}: give the rule \"{value}\" a condition: equals, starts_with, contains or empty"
    ProfileSkipRuleTotal "profile.skip_rule_total" Finding "{field}: приберіть порожній текст: правило «{value}» пропускало б кожен рядок" "{field}: remove the empty text: the rule \"{value}\" would skip every row"
    BodyUnknown "body.unknown" Finding "{field}: органу «{value}» немає в каталозі" "{field}: the body \"{value}\" is not in the catalogue"
    BodyOutsideScope "body.outside_scope" Finding "{field}: потрібен орган {expected}. Зараз: «{value}»" "{field}: the body must be {expected}. Found: \"{value}\""
    SupersedesUnknown "submission.supersedes_unknown" Finding "Подання, яке виправляється, не знайдено серед прийнятих подань цього органу" "The submission to be corrected is not among this body's accepted submissions"
    CorrectionIncomplete "submission.correction_incomplete" Finding "Виправлення потребує полів supersedes і reason_code (для «other» також reason_text)" "A correction needs supersedes and reason_code (for \"other\" also reason_text)"
    CorrectionFieldsUnexpected "submission.correction_fields_unexpected" Finding "Поля supersedes, reason_code і mode подають лише з kind=correction" "supersedes, reason_code and mode go only with kind=correction"
    PartialNotAllowed "submission.partial_not_allowed" Finding "Цей потік даних, як і заміну зрізу, приймають лише цілим; надішліть acceptance=all_or_nothing" "This dataflow, like the replacement of a slice, is accepted only whole; send acceptance=all_or_nothing"
    ExplanationUnused "explanation.unused" Finding "Пояснення до «{value}» нічого не стосується: такої знахідки немає" "The explanation of \"{value}\" belongs to nothing: there is no such finding"
    NilReportUnexpected "submission.nil_report_unexpected" Finding "nil_report і period подають разом і без рядків даних" "nil_report and period go together, and without data rows"
    ActionUnknown "action.unknown" Finding "{field}: дії «{value}» немає. Можливі: {expected}" "{field}: there is no action \"{value}\". Possible: {expected}"
    ActionNotAllowed "action.not_allowed" Finding "Стовпець action подають без mode=replace_slice, а дію D — лише з kind=correction" "The column action goes without mode=replace_slice, and the action D only with kind=correction"
    IndicatorUnknown "indicator.unknown" Finding "{field}: показника «{value}» немає в каталозі. {expected}" "{field}: the indicator \"{value}\" is not in the catalogue. {expected}"
    IndicatorNotAgreed "indicator.not_agreed" Finding "{field}: показник «{value}» не погоджено для цього органу з такою періодичністю" "{field}: the indicator \"{value}\" is not agreed for this body at this frequency"
    IndicatorOtherDataflow "indicator.other_dataflow" Finding "{field}: показник «{value}» належить до потоку {expected}" "{field}: the indicator \"{value}\" belongs to the dataflow {expected}"
    FieldMissing "field.missing" Finding "Заповніть поле {field}" "Fill in {field}"
    PeriodSyntax "period.syntax" Finding "{field}: запишіть період як {expected}. Зараз: «{value}»" "{field}: write the period as {expected}. Found: \"{value}\""
    PeriodNotInCalendar "period.not_in_calendar" Finding "{field}: періоду «{value}» немає в календарі" "{field}: the period \"{value}\" does not exist in the calendar"
    PeriodOutOfRange "period.out_of_range" Finding "{field}: період «{value}» поза роками 1900–2199 або закінчується раніше, ніж починається" "{field}: the period \"{value}\" is outside 1900-2199 or ends before it begins"
    PeriodNotEnded "period.not_ended" Finding "{field}: період «{value}» ще не закінчився; до кінця періоду дані подають зі статусом P" "{field}: the period \"{value}\" has not ended; until then figures carry the status P"
    PeriodNeedsYear "period.needs_year" Finding "{field}: допишіть рік, наприклад {expected}. Зараз: «{value}»" "{field}: add the year, for example {expected}. Found: \"{value}\""
    PeriodAmbiguous "period.ambiguous" Finding "{field}: «{value}» читається двояко. Запишіть {expected}" "{field}: \"{value}\" can be read two ways. Write {expected}"
    PeriodSeveral "period.several" Finding "{field}: залиште в клітинці один період. Зараз їх кілька: {expected} («{value}»)" "{field}: keep one period in the cell. Found several: {expected} (\"{value}\")"
    PeriodLate "period.late" Finding "{field}: період «{value}» подано після строку ({expected}); дані прийнято" "{field}: the period \"{value}\" came after it was due ({expected}); the figures are accepted"
    CodeUnknown "code.unknown" Finding "{field}: у довіднику немає «{value}». {expected}" "{field}: \"{value}\" is not in the code list. {expected}"
    CodeAmbiguous "code.ambiguous" Finding "{field}: «{value}» можна прочитати по-різному: {expected}. Вкажіть код" "{field}: \"{value}\" can be read in several ways: {expected}. Give the code"
    DimensionNotAllowed "dimension.not_allowed" Finding "{field}: показник не має такого виміру; залиште порожнім" "{field}: the indicator has no such dimension; leave it empty"
    TerritoryOutsideScope "territory.outside_scope" Finding "{field}: «{value}» поза територією цього органу" "{field}: \"{value}\" is outside this body's territory"
    ValueMissing "value.missing" Finding "{field}: введіть число або вкажіть статус, чому його немає" "{field}: give a number, or a status that says why there is none"
    ValueNotNumber "value.not_number" Finding "{field}: введіть число, наприклад {expected}. Зараз: «{value}»" "{field}: enter a number, for example {expected}. Found: \"{value}\""
    ValueNotInteger "value.not_integer" Finding "{field}: введіть ціле число, наприклад 1204. Зараз: «{value}»" "{field}: enter a whole number, for example 1204. Found: \"{value}\""
    ValueTooPrecise "value.too_precise" Finding "{field}: не більше ніж 15 значущих цифр. Зараз: «{value}»" "{field}: at most 15 significant digits. Found: \"{value}\""
    ValueTooManyDecimals "value.too_many_decimals" Finding "{field}: показник має не більше знаків після коми, ніж {expected}. Зараз: «{value}»" "{field}: the indicator keeps at most {expected} decimals. Found: \"{value}\""
    ValueNegative "value.negative" Finding "{field}: показник не буває від’ємним. Зараз: «{value}»" "{field}: the indicator is never negative. Found: \"{value}\""
    ValueAmbiguous "value.ambiguous" Finding "{field}: «{value}» читається двояко. Введіть {expected}" "{field}: \"{value}\" can be read two ways. Enter {expected}"
    ValueUnexpected "value.unexpected" Finding "{field}: статус «{expected}» означає, що числа немає, а воно є: «{value}»" "{field}: the status \"{expected}\" says that there is no number, but there is one: \"{value}\""
    StatusUnknown "status.unknown" Finding "{field}: статусу «{value}» немає. Можливі: {expected}" "{field}: there is no status \"{value}\". Possible: {expected}"
    CellUnexpected "cell.unexpected" Finding "{field}: в описі файла очікується «{expected}». Зараз: «{value}»" "{field}: the mapping profile expects \"{expected}\". Found: \"{value}\""
    ReadingLookAlike "reading.look_alike" Finding "{field}: перевірте літери: в одному слові дві абетки. «{value}» прочитано як {expected}" "{field}: check the letters: one word has two alphabets. \"{value}\" was read as {expected}"
    ReadingTypography "reading.typography" Finding "{field}: зайві пробіли, перенос або невидимі знаки. «{value}» прочитано як {expected}" "{field}: extra spaces, a line-break hyphen or invisible characters. \"{value}\" was read as {expected}"
    ReadingFootnote "reading.footnote" Finding "{field}: знак виноски не враховано. «{value}» прочитано як {expected}" "{field}: a footnote mark was left out. \"{value}\" was read as {expected}"
    ReadingNameForm "reading.name_form" Finding "{field}: назву впізнано за іншою її формою. «{value}» прочитано як {expected}" "{field}: a name was recognised by another form of it. \"{value}\" was read as {expected}"
    ReadingNumberAsText "reading.number_as_text" Finding "{field}: число записано як текст. «{value}» прочитано як {expected}" "{field}: a number was written as text. \"{value}\" was read as {expected}"
    ReadingNumberMultiplied "reading.number_multiplied" Finding "{field}: подайте число в одиницях. «{value}» прочитано як {expected} зі статусом E (оцінка)" "{field}: give the number in units. \"{value}\" was read as {expected} with the status E (estimate)"
    ReadingMissingMark "reading.missing_mark" Finding "{field}: замість числа стоїть позначка. «{value}» прочитано як {expected}" "{field}: a mark stands in place of a number. \"{value}\" was read as {expected}"
    ReadingPeriodWords "reading.period_words" Finding "{field}: період записано словами або в іншій формі. «{value}» прочитано як {expected}" "{field}: a period was written in words or in another form. \"{value}\" was read as {expected}"
    ReadingHeader "reading.header" Finding "{field}: стовпець упізнано за назвою. «{value}» прочитано як {expected}" "{field}: a column was recognised by its name. \"{value}\" was read as {expected}"
    ObservationRevised "observation.revised" Finding "Змінено {value} раніше поданих значень; попередні збережено. Наступного разу надішліть kind=correction із причиною" "{value} values submitted before were changed; the earlier ones are kept. Next time send kind=correction with a reason"
    FileTooLarge "file.too_large" Finding "Поділіть файл: дозволено щонайбільше {expected}" "Split the file: at most {expected} is allowed"
    FileInflatesTooMuch "file.inflates_too_much" Finding "Поділіть книгу: розпакована вона більша за дозволене, {expected}" "Split the workbook: unpacked it is larger than allowed, {expected}"
    FileDamaged "file.damaged" Finding "Відкрийте файл, збережіть його знову й надішліть: прочитати його до кінця не вдалося ({value})" "Open the file, save it again and send it: it could not be read to its end ({value})"
    FilePasswordProtected "file.password_protected" Finding "Зніміть пароль і збережіть книгу знову: захищену паролем прочитати не можна" "Remove the password and save the workbook again: a protected one cannot be read"
    FileLegacyWorkbook "file.legacy_workbook" Finding "Збережіть книгу як «Книга Excel (*.xlsx)»: знайдено старий формат XLS" "Save the workbook as \"Excel Workbook (*.xlsx)\": the old format XLS was found"
    FileHtmlWorkbook "file.html_workbook" Finding "Відкрийте файл в Excel і збережіть як «Книга Excel (*.xlsx)»: замість книги знайдено вебсторінку" "Open the file in Excel and save it as \"Excel Workbook (*.xlsx)\": a web page was found in place of a workbook"
    FileNotWorkbook "file.not_workbook" Finding "Надішліть книгу XLSX: знайдено інший формат" "Send a workbook of the format XLSX: another format was found"
    FileNotText "file.not_text" Finding "Надішліть текстовий файл CSV або вкажіть тип вмісту XLSX: знайдено не текст" "Send a CSV text file, or declare the content type of XLSX: what was found is not text"
    FileSheetMissing "file.sheet_missing" Finding "Додайте аркуш із даними «{expected}». Видимі аркуші: {value}" "Add the sheet \"{expected}\" with data. Visible sheets: {value}"
    FileSheetNotDescribed "file.sheet_not_described" Finding "Назвіть аркуш, який читає опис файла, параметром sheet: {expected}. Зараз: «{value}»" "Name a sheet that the mapping profile reads, with the parameter sheet: {expected}. Found: \"{value}\""
    FileEncodingGuessed "file.encoding_guessed" Finding "Перевірте літери в попередньому перегляді: кодування визначено як {value}. Наступного разу збережіть файл як UTF-8" "Check the letters in the preview: the encoding was taken for {value}. Next time save the file as UTF-8"
    FileLossyEncoding "file.lossy_encoding" Finding "Збережіть файл як XLSX і надішліть знову: у «CSV (MS-DOS)» літери «і» та «ґ» втрачено, наприклад «{value}»" "Save the file as XLSX and send it again: in \"CSV (MS-DOS)\" the letters і and ґ are lost, for example \"{value}\""
    FileDelimiterAmbiguous "file.delimiter_ambiguous" Finding "Вкажіть роздільник стовпців: файл читається і з «{value}», і з «{expected}»; прочитано з «{value}»" "Declare the delimiter: the file can be read with \"{value}\" and with \"{expected}\"; it was read with \"{value}\""
    FileHeaderUnsure "file.header_unsure" Finding "Перевірте заголовок: рядка з назвами стовпців не впізнано, за нього взято рядок {value}" "Check the header: no row of column names was recognised, row {value} was taken for it"
    FileRowsSkipped "file.rows_skipped" Finding "Перед заголовком пропущено рядків: {value}" "Rows passed over before the header: {value}"
    FileTagRowSkipped "file.tag_row_skipped" Finding "Рядок позначок HXL під заголовком пропущено" "The row of HXL tags below the header was passed over"
    FileColumnUnnamed "file.column_unnamed" Finding "Дайте назву стовпцю {expected}: під порожнім заголовком є дані" "Name the column {expected}: there are data under an empty header"
    CellFormulaWithoutValue "cell.formula_without_value" Finding "{field}: перерахуйте й збережіть книгу в Excel: формула не має збереженого значення" "{field}: recalculate and save the workbook in Excel: the formula has no stored value"
    CellFormulaRead "cell.formula_read" Finding "Замість формул прочитано їхні збережені значення, клітинок: {value}. Перша: {expected}" "Stored values were read in place of formulas, cells: {value}. The first: {expected}"
    CellExcelError "cell.excel_error" Finding "Виправте формули: є клітинки з помилками Excel: {value}. Перша: {expected}" "Correct the formulas: cells that hold errors of Excel: {value}. The first: {expected}"
    SdmxHeaderUnknown "sdmx.header_unknown" Finding "Додайте стовпець DATAFLOW (SDMX-CSV 1.0) або STRUCTURE і STRUCTURE_ID (SDMX-CSV 2.0)" "Add the column DATAFLOW (SDMX-CSV 1.0), or STRUCTURE and STRUCTURE_ID (SDMX-CSV 2.0)"
    SdmxColumnUnknown "sdmx.column_unknown" Finding "Стовпця «{value}» немає в структурі даних; його не прочитано" "The column \"{value}\" is not in the data structure; it was not read"
    SdmxColumnUnused "sdmx.column_unused" Finding "Стовпці без місця в наших рядах пропущено: {value}" "Columns that have no place in our series were passed over: {value}"
    SdmxStructureInvalid "sdmx.structure_invalid" Finding "{field}: запишіть структуру як {expected}. Зараз: «{value}»" "{field}: write the structure as {expected}. Found: \"{value}\""
    SdmxStructureMixed "sdmx.structure_mixed" Finding "{field}: в одному файлі одна структура, {expected}. Зараз: «{value}»" "{field}: one file holds one structure, {expected}. Found: \"{value}\""
    SdmxDataflowMismatch "sdmx.dataflow_mismatch" Finding "Вкажіть один потік даних: у запиті «{expected}», у файлі «{value}»" "Name one dataflow: the request says \"{expected}\", the file says \"{value}\""
    SdmxActionUnknown "sdmx.action_unknown" Finding "{field}: можливі дії: {expected}. Зараз: «{value}»" "{field}: possible actions: {expected}. Found: \"{value}\""
    SdmxRowEmpty "sdmx.row_empty" Finding "Заповніть у рядку щось, крім вимірів: змінювати нічого" "Fill in something beside the dimensions: the row changes nothing"
    SdmxDimensionOff "sdmx.dimension_off" Finding "{field}: вкажіть код: «~» буває лише в рядках без значення" "{field}: give a code: \"~\" stands only in rows without a value"
    SdmxFrequencyMismatch "sdmx.frequency_mismatch" Finding "{field}: період «{expected}» має іншу періодичність, ніж «{value}»" "{field}: the period \"{expected}\" has another frequency than \"{value}\""
    SdmxMultiplier "sdmx.multiplier" Finding "{field}: подайте числа без множника. Зараз: «{value}»" "{field}: send figures without a multiplier. Found: \"{value}\""
    SumMismatch "sum.mismatch" Finding "Звірте підсумок із складовими: вказано {value}, очікується {expected}" "Check the total against its parts: found {value}, expected {expected}"
    ValueCrossIndicator "value.cross_indicator" Finding "Звірте з пов’язаними показниками: {value}, очікується {expected}" "Check against the related indicators: found {value}, expected {expected}"
    ValueOutlier "value.outlier" Finding "Перевірте число або поясніть його: {value}, зазвичай {expected}" "Check the figure or explain it: {value}, usually {expected}"
    ValueNotMonotonic "value.not_monotonic" Finding "Звірте наростаючий підсумок: {value}, очікується {expected}" "Check the cumulative figure: found {value}, expected {expected}"
    MirrorMismatch "mirror.mismatch" Finding "Звірте з даними іншого органу: {value} відрізняється більше, ніж на {expected}" "Compare with the other body's figure: {value} differs by more than {expected}"
    RulesCapped "rules.capped" Finding "Правила між показниками перевірено для перших {expected} значень; ще {value} не перевірено" "The rules between figures were applied to the first {expected} figures; {value} more were not checked"
    ObservationRetracted "observation.retracted" Finding "Відкликано {value} значень, яких у виправленні немає; попередні збережено в історії. Якщо це не навмисно, надішліть виправлення з усіма рядками" "{value} values that the correction does not hold were retracted; the earlier ones are kept in the history. If that was not meant, send a correction with every row"
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_unique_well_formed_and_speaks_both_languages() {
        for (index, code) in Code::ALL.iter().enumerate() {
            let text = code.as_str();
            assert!(
                text.split_once('.')
                    .is_some_and(|(area, name)| !area.is_empty() && !name.is_empty()),
                "{text}"
            );
            assert!(
                text.bytes().all(|b| b.is_ascii_lowercase() || b"._".contains(&b)),
                "{text}"
            );
            assert!(
                Code::ALL
                    .iter()
                    .skip(index + 1)
                    .all(|other| other.as_str() != text),
                "{text} twice"
            );
            assert_eq!(Code::from_code(text), Some(*code));
            assert_eq!(serde_json::to_string(code).unwrap(), format!("\"{text}\""));
            for placeholder in ["{field}", "{value}", "{expected}"] {
                let (uk, en) = (
                    code.text_uk().contains(placeholder),
                    code.text_en().contains(placeholder),
                );
                assert_eq!(uk, en, "{text}: {placeholder} in one language only");
            }
            assert!(code.text_uk().chars().any(|c| ('а'..='я').contains(&c)), "{text}");
        }
    }
}
