// The three-step saga as users of code-first engines write it: actions in order, each success pushes how it is taken back, a refusal
// runs that list backwards. `act(name, action)` is the engine's durable step; `isRefusal(error)` tells a refusal from an engine's own error.
'use strict';

async function threeSteps(id, input, act, isRefusal) {
  const undo = [];
  const step = async (name, resource, verb) => {
    const answer = await act(name, `/${resource}/${id}/${verb}`, input);
    undo.push(() => act(`undo ${name}`, `/${resource}/${id}/cancel`, undefined));
    return answer;
  };
  try {
    await step('apply', 'recruitments', 'apply');
    await step('qualify', 'qualifications', 'check');
    const enrollment = await step('enroll', 'enrollments', 'enroll');
    return { id, status: 'completed', output: enrollment };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    for (const back of undo.reverse()) await back();
    return { id, status: 'compensated', error: error.message };
  }
}

module.exports = { threeSteps };
