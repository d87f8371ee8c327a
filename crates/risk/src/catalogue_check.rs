//! A definition against the catalogue of indicators, which may change without the definition.

use crate::definition::Definition;
use crate::definition_fault::DefinitionFault;
use leleka_domain::{Indicator, json_step};

impl Definition {
    /// What in this definition the catalogue of indicators does not bear out: unknown indicators, other units,
    /// dimensions that the indicator does not have.
    #[must_use]
    pub fn catalogue_faults(&self, indicators: &[Indicator]) -> Vec<DefinitionFault> {
        let mut faults = Vec::new();
        // Inputs of other metrics were checked where those were published.
        for (name, input) in self.inputs.iter().filter(|(name, _)| !name.contains(':')) {
            let pointer = format!("/inputs/{}", crate::members::escaped(name));
            let Some(known) = indicators.iter().find(|known| known.code == input.indicator) else {
                faults.push(DefinitionFault::new(
                    &format!("{pointer}/indicator"),
                    &format!("Показника {} немає в каталозі.", input.indicator),
                    &format!("The indicator {} is not in the catalogue.", input.indicator),
                ));
                continue;
            };
            if known.unit != input.unit.to_string() {
                faults.push(DefinitionFault::new(
                    &format!("{pointer}/unit"),
                    &format!("Одиниця показника {} — {}.", known.code, known.unit),
                    &format!("The unit of the indicator {} is {}.", known.code, known.unit),
                ));
            }
            let listed = |member: &'static str, names: &[String]| -> Vec<(String, String)> {
                let names = names.iter().enumerate();
                names
                    .map(|(at, name)| (format!("{pointer}/{member}/{at}"), name.clone()))
                    .collect()
            };
            let filtered = input.filter.keys();
            let filtered = filtered.map(|name| (json_step(&format!("{pointer}/filter"), name), name.clone()));
            let named = listed("by", &input.by)
                .into_iter()
                .chain(listed("over", &input.over));
            let named = named.chain(filtered);
            for (place, dimension) in named.filter(|(_, dimension)| !known.dimensions.contains(dimension)) {
                faults.push(DefinitionFault::new(
                    &place,
                    &format!("Показник {} не має розрізу {dimension}.", known.code),
                    &format!("The indicator {} has no dimension {dimension}.", known.code),
                ));
            }
        }
        faults
    }
}
