import fc from 'fast-check';

// Milliseconds. A property that a mutant breaks is mostly broken by the first values.
fc.configureGlobal({ interruptAfterTimeLimit: 1_000, markInterruptAsFailure: false });
