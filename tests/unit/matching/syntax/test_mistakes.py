"""Each kind of mistake in an expression: its exact text, its place and what to write instead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders.query_errors import LISTS, mistake
from service.errors import QueryError
from service.matching.syntax.parser import parse

# The place that an error points at stands between ‹ and ›.
MISTAKES = [
    # What every expression needs
    (
        "‹›",
        "the expression is empty",
        "Write the words to look for.",
    ),
    (
        "A ‹OR›",
        "nothing follows OR",
        "Write what should follow it, or remove OR.",
    ),
    (
        "‹NOT A›",
        "this would match articles in which none of your words occur",
        "Add a word that must occur, with AND: for example “missile AND NOT test”.",
    ),
    (
        "‹A OR NOT B›",
        "this would match articles in which none of your words occur",
        "Add a word that must occur, with AND: for example “missile AND NOT test”.",
    ),
    (
        "‹any1(NOT A, B)›",
        "this would match articles in which none of your words occur",
        "Add a word that must occur, with AND: for example “missile AND NOT test”.",
    ),
    (
        "‹source:bbc›",
        "this would match articles in which none of your words occur",
        "Add a word that must occur, with AND: for example “missile AND NOT test”.",
    ),
    # Parentheses and operators
    (
        "‹(›A",
        "this “(” is never closed",
        "Add a “)” where the group ends.",
    ),
    (
        "A OR (B AND ‹(›C",
        "this “(” is never closed",
        "Add a “)” where the group ends.",
    ),
    (
        "A‹)›",
        "this “)” closes nothing",
        "Remove it, or add the “(” that it closes.",
    ),
    (
        "‹)›",
        "this “)” closes nothing",
        "Remove it, or add the “(” that it closes.",
    ),
    (
        "‹()›",
        "these parentheses are empty",
        "Write something between the parentheses, or remove them.",
    ),
    (
        "A AND ‹()›",
        "these parentheses are empty",
        "Write something between the parentheses, or remove them.",
    ),
    (
        "A ‹AND›",
        "nothing follows AND",
        "Write what should follow it, or remove AND.",
    ),
    (
        "‹OR› A",
        "there is nothing before OR",
        'Write a word before OR. To look for the word itself, put it in quotes: "or".',
    ),
    (
        "A AND ‹OR› B",
        "OR follows AND directly",
        "Remove one of them, or write a word between AND and OR.",
    ),
    (
        "(A ‹OR› )",
        "nothing follows OR",
        "Write what should follow it, or remove OR.",
    ),
    (
        "A ‹(›B)",
        "there is no operator before an opening parenthesis",
        "Write AND or OR between them; words of one phrase go into one pair of quotes.",
    ),
    (
        'A ‹"b c"›',
        "there is no operator before a quoted phrase",
        "Write AND or OR between them; words of one phrase go into one pair of quotes.",
    ),
    (
        "A ‹NOT› B",
        "NOT cannot join two parts",
        "Write AND NOT instead.",
    ),
    (
        "A ‹&&› B",
        "“&&” is not an operator here",
        "Write AND instead.",
    ),
    (
        "A ‹&› B",
        "“&” is not an operator here",
        "Put a name into quotes, and in YAML into single quotes around these: "
        "'\"Johnson & Johnson\"'. For both words anywhere, write AND.",
    ),
    (
        "at ‹least3(›x)",
        "“least3(” is not a function",
        "Write atleast3(…), in one word.",
    ),
    (
        "at ‹Least(›x)",
        "“Least(” is not a function",
        "Write atleast3(…), in one word.",
    ),
    (
        "A AND ‹count(›x)",
        "“count(” is not a function",
        "Write atleast3(…), in one word.",
    ),
    (
        "A AND ‹atleast 3(›x)",
        "there is a space within atleast3(",
        "Write atleast3(…) without a space.",
    ),
    (
        "‹any 2 (›x, y, z)",
        "there is a space within any2(",
        "Write any2(…) without a space.",
    ),
    (
        "‹intitle:›jet",
        "“intitle:” is not a field",
        "Write title:missile.",
    ),
    (
        "A AND ‹site:›bbc.com",
        "“site:” is not a field",
        "Write source:reuters, or url: and a part of its address.",
    ),
    (
        "A AND ‹lang:›en",
        "“lang:” is not a field",
        "Write language:en.",
    ),
    (
        "A AND ‹$AAPL›",
        "there is no list $AAPL",
        'Put a ticker in quotes: "$AAPL". A list stands under `lists:`.',
    ),
    (
        "A ‹|› B",
        "“|” is not an operator here",
        "Write OR instead.",
    ),
    (
        "A ‹;› B",
        "“;” is not an operator here",
        "Write OR instead.",
    ),
    (
        "A B‹;› C",
        "“;” means nothing here",
        "Write OR between alternatives, or put a phrase that contains it in quotes.",
    ),
    (
        "A ‹+› B",
        "“+” is not an operator here",
        "Write AND instead.",
    ),
    (
        "‹+A› +B",
        "“+” before a word means nothing here",
        "AND requires all its parts: write AND A.",
    ),
    (
        "A ‹-B›",
        "“-” before a word means nothing here",
        "To leave articles out, write AND NOT B.",
    ),
    (
        "A ‹!B›",
        "“!” before a word means nothing here",
        "To leave articles out, write AND NOT B.",
    ),
    (
        "A AND ‹—›",
        "“—” has no letter and no digit",
        "Remove it: only letters and digits are matched.",
    ),
    (
        "A AND ‹NOT›",
        "nothing follows NOT",
        "Write what should follow it, or remove NOT.",
    ),
    (
        "‹AND›(A)",
        "there is nothing before AND",
        'Write a word before AND. To look for the word itself, put it in quotes: "and".',
    ),
    (
        "A‹;› B",
        "“;” means nothing here",
        "Write OR between alternatives, or put a phrase that contains it in quotes.",
    ),
    # Words
    (
        'A AND ‹"›b c',
        "this quotation mark is never closed",
        'Add a closing " after the last word of the phrase.',
    ),
    (
        "A AND ‹“›b c",
        "this quotation mark is never closed",
        "Add a closing ” after the last word of the phrase.",
    ),
    (
        "A AND ‹«›b c",
        "this quotation mark is never closed",
        "Add a closing » after the last word of the phrase.",
    ),
    (
        'A AND ‹"?!"›',
        "there is no word to look for",
        "Write at least one letter or digit between the quotation marks.",
    ),
    (
        "‹/jets?/i› AND Turkey",
        "there are no regular expressions here",
        "Write * and ? for letters that may differ, and OR between spellings. Put a name with "
        "slashes in quotes.",
    ),
    (
        "‹missil!›",
        "“!” after a word means nothing here",
        "For all words that begin like this, write missil*; otherwise remove the “!”.",
    ),
    (
        "‹missile~›",
        "“missile~” is not an operator here",
        "Similar words are not matched: write each spelling with OR, or missile*.",
    ),
    (
        "‹missile~1›",
        "“missile~1” is not an operator here",
        "Similar words are not matched: write each spelling with OR, or missile*.",
    ),
    (
        "A AND ‹jet^2›",
        "“jet^2” is not an operator here",
        "Write jet alone; `boost:` of the watchlist adds points to the score.",
    ),
    # Wildcards
    (
        "‹mi*›",
        "“mi*” has fewer than 3 characters other than * and ?",
        "Write more of the word, as in missil*, or list the words with OR.",
    ),
    (
        "‹a?b›",
        "“a?b” has fewer than 3 characters other than * and ?",
        "Write more of the word, as in missil*, or list the words with OR.",
    ),
    (
        "‹*issile›",
        "“*issile” does not begin with a letter or digit",
        "Write how the word begins, as in missil*, or list the words with OR.",
    ),
    (
        "‹?issile›",
        "“?issile” does not begin with a letter or digit",
        "Write how the word begins, as in missil*, or list the words with OR.",
    ),
    (
        "‹*›",
        "“*” has fewer than 3 characters other than * and ?",
        "Write more of the word, as in missil*, or list the words with OR.",
    ),
    (
        'A OR "missil‹*›"',
        "“*” means nothing in quotes",
        "Write the word without quotes: missil*. For any words between: a ONEAR/3 b.",
    ),
    (
        '"wom‹?›n"',
        "“?” means nothing in quotes",
        "Write the word without quotes: missil*. For any words between: a ONEAR/3 b.",
    ),
    (
        '"a ‹*› b"',
        "“*” means nothing in quotes",
        "Write the word without quotes: missil*. For any words between: a ONEAR/3 b.",
    ),
    (
        "cs(‹US*›)",
        "cs(…) takes no * and no ?",
        "Write each spelling: cs(US) OR cs(USA). caps(…) takes them: caps(Turk*).",
    ),
    (
        'cs("US‹*›")',
        "“*” means nothing in quotes",
        "Write the word without quotes: missil*. For any words between: a ONEAR/3 b.",
    ),
    (
        'caps("Turk‹*›")',
        "“*” means nothing in quotes",
        "Write the word without quotes: missil*. For any words between: a ONEAR/3 b.",
    ),
    (
        "‹日本*›",
        "“日本*”: Chinese, Japanese, Thai and the like take no * and ?",
        "Leave it out: characters match if they follow one another.",
    ),
    (
        "‹大韓?民国›",
        "“大韓?民国”: Chinese, Japanese, Thai and the like take no * and ?",
        "Leave it out: characters match if they follow one another.",
    ),
    # Functions
    (
        "‹cs(›) AND A",
        "cs(…) is empty",
        "Write a word between the parentheses: cs(Turkey).",
    ),
    (
        '‹caps(›"-") AND A',
        "caps(…) is empty",
        "Write a word between the parentheses: caps(Turkey).",
    ),
    (
        "cs(A ‹OR› B)",
        "cs(…) takes words only, not OR",
        "Write one word or phrase: cs(US) OR cs(USA).",
    ),
    (
        "cs(A‹,› B)",
        "cs(…) takes words only, not a comma",
        "Write one word or phrase: cs(US) OR cs(USA).",
    ),
    (
        "‹caps(›17) AND A",
        "caps(17) has no letter",
        "Without a letter there is nothing to capitalise; write the word alone.",
    ),
    (
        "‹fighter(›jet)",
        "“fighter(” is not a function",
        "Put a space and AND or OR between “fighter” and “(”; the functions are cs(…), "
        "caps(…), atleast3(…), any2(…).",
    ),
    (
        "‹CS(›US)",
        "“CS(”: functions are written in lower case",
        "Write cs(…) instead.",
    ),
    (
        "‹ATLEAST3(›A)",
        "“ATLEAST3(”: functions are written in lower case",
        "Write atleast3(…) instead.",
    ),
    (
        "‹AtLeast(›A)",
        "“AtLeast(”: functions are written in lower case",
        "Write atleast3(missile OR rocket) instead.",
    ),
    (
        "‹atleast3 (›A)",
        "there is a space between atleast3 and its parenthesis",
        "Write atleast3(…) without a space.",
    ),
    (
        "‹cs (›US)",
        "there is a space between cs and its parenthesis",
        "Write cs(…) without a space.",
    ),
    (
        "cs‹(›A",
        "this “(” is never closed",
        "Add a “)” where the group ends.",
    ),
    (
        "any2‹(›A, B",
        "this “(” is never closed",
        "Add a “)” where the group ends.",
    ),
    (
        "atleast3‹(›",
        "this “(” is never closed",
        "Add a “)” where the group ends.",
    ),
    # Fields
    (
        "‹section:›news AND A",
        "“section:” is not a field",
        "The fields are title:, lead:, body:, headline:, author:, country:, language:, "
        "source:, tag:, url:. If the colon belongs to the text, put that in quotes.",
    ),
    (
        "‹title:› AND A",
        "title: needs a word",
        "Write what to look for there: title:missile.",
    ),
    (
        "A AND ‹title:›",
        "title: needs a word",
        "Write what to look for there: title:missile.",
    ),
    (
        "‹title:›NEAR/5 A",
        "title: needs a word",
        "Write what to look for there: title:missile.",
    ),
    (
        "A AND ‹source:›",
        "source: needs a value",
        'Write one value, in quotes if it has spaces: source:"some value".',
    ),
    (
        "‹source:› AND A",
        "source: needs a value",
        'Write one value, in quotes if it has spaces: source:"some value".',
    ),
    (
        "A AND ‹source:›, B",
        "source: needs a value",
        'Write one value, in quotes if it has spaces: source:"some value".',
    ),
    (
        'A AND ‹source:›" "',
        "source: needs a value",
        'Write one value, in quotes if it has spaces: source:"some value".',
    ),
    (
        "A AND source:‹()›",
        "these parentheses are empty",
        "Write something between the parentheses, or remove them.",
    ),
    (
        "A AND source:‹(›bbc",
        "this “(” is never closed",
        "Add a “)” where the group ends.",
    ),
    (
        "A AND source:(bbc OR ‹cs(›A))",
        "source:(…) takes values only, not a function",
        "Write values, in quotes if they are not plain words: source:(a OR b).",
    ),
    (
        "A AND source:(‹a OR b AND c›)",
        "AND and OR are mixed without parentheses",
        "Write a OR (b AND c) or (a OR b) AND c, whichever you mean.",
    ),
    (
        "A AND source:‹$turkey›",
        "source: takes values, but a list contains expressions",
        "Write source: before each item of the list, and $turkey alone here.",
    ),
    (
        "A AND source:(bbc OR ‹$turkey›)",
        "source: takes values, but a list contains expressions",
        "Write source: before each item of the list, and $turkey alone here.",
    ),
    # What other systems write within a word
    (
        "jet‹|›tank",
        "“|” means nothing here",
        "Write OR between alternatives, with a space on both sides.",
    ),
    (
        "jet‹&&›tank",
        "“&&” means nothing here",
        "Write AND between them, with a space on both sides.",
    ),
    (
        "jet‹;›tank",
        "“;” means nothing here",
        "Write OR between alternatives, or put a phrase that contains it in quotes.",
    ),
    (
        "导弹‹、›火箭",
        "“、” means nothing here",
        "Write OR between alternatives, or put a phrase that contains it in quotes.",
    ),
    (
        "导弹‹，›火箭",
        "“,” means nothing here",
        "Write OR between alternatives, or put a phrase that contains it in quotes.",
    ),
    (
        "hd‹=›missile",
        "“=” means nothing here",
        "Write title:missile.",
    ),
    (
        "wc‹>›500",
        "“>” means nothing here",
        "Leave it out, or put a phrase that contains it in quotes.",
    ),
    (
        "title ‹:›missile",
        "“:” before a word means nothing here",
        "Write title:missile without a space.",
    ),
    (
        "A ‹:›missile",
        "“:” before a word means nothing here",
        "Leave the colon out, or write a field right before it: title:missile.",
    ),
    (
        "‹atleast3› missile",
        "“atleast3” counts what is in the parentheses after it",
        "Write atleast3(missile).",
    ),
    (
        "A AND ‹any2› missile rocket",
        "“any2” counts what is in the parentheses after it",
        "Write any2(missile, rocket).",
    ),
    (
        "A ‹-›(B OR C)",
        "“-” is not an operator here",
        "Write AND NOT instead: a AND NOT b.",
    ),
    (
        "A AND ‹$1›.5bn",
        "there is no list $1",
        'Put a sum of money in quotes: "$1.5bn".',
    ),
    (
        "‹publication(›reuters)",
        "“publication(” is not a function",
        "Write source:reuters.",
    ),
    (
        "‹allcaps(›us)",
        "“allcaps(” is not a function",
        "Write cs(US).",
    ),
    (
        "‹any2(›title:$turkey)",
        "any2 asks for 2 parts, but its parentheses contain 1",
        "Write title:any2($turkey) to count the list's items.",
    ),
    (
        "‹any2(›($turkey))",
        "any2 asks for 2 parts, but its parentheses contain 1",
        "Write any2($turkey) to count the list's items.",
    ),
    # Characters that nobody sees do not count, but for the place
    (
        "‹\u200f›",
        "the expression is empty",
        "Write the words to look for.",
    ),
    (
        "\u200fباكستان\u200f ‹AND›\u200f",
        "nothing follows AND",
        "Write what should follow it, or remove AND.",
    ),
    (
        "A AND ‹body:›source:x",
        "body: has no words to look for",
        "body: takes words, phrases, lists or groups of them.",
    ),
    (
        "‹title:›(NOT A)",
        "title: has no words to look for",
        "title: takes words, phrases, lists or groups of them.",
    ),
    (
        "‹title:›NOT A",
        "title: needs a word",
        "Write what to look for there: title:missile.",
    ),
    # Lists
    (
        "‹$turky› AND A",
        "there is no list $turky",
        "Did you mean $turkey?",
    ),
    (
        "‹$x› AND A",
        "there is no list $x",
        "Add it under `lists:`, or write the words.",
    ),
    # Signs of other systems that no word has
    (
        "A AND tesla‹[›ti]",
        "“[” means nothing here",
        "Write title:tesla.",
    ),
    (
        "A AND english‹[›la]",
        "“[” means nothing here",
        "Write language:en.",
    ),
    (
        "‹[›Tt]esla",
        "“[” means nothing here",
        "Write ( and ) around a group, and a field before its word: title:missile.",
    ),
    (
        "A AND ‹\\›bB",
        "“\\” means nothing here",
        "There are no regular expressions: write * and ? for letters that may differ, and OR.",
    ),
    (
        "recall 2010‹..›2020",
        "“..” means nothing here",
        "There are no ranges: write OR between the numbers.",
    ),
    (
        "boeing‹/N30/›airways",
        "“/N30/” means nothing here",
        "Write NEAR/29; the number counts the words between.",
    ),
    (
        "tesla‹/F50/›",
        "“/F50/” means nothing here",
        "Write headline: before the word, for the title and the lead.",
    ),
    (
        "A AND ‹tes$›",
        "“$” after a word means nothing here",
        "For all words that begin like this, write tes*; otherwise remove the “$”.",
    ),
    (
        "A AND ‹engineer$3›",
        "“$3” after a word means nothing here",
        "For all words that begin like this, write engineer*; otherwise remove the “$3”.",
    ),
    (
        "A AND ‹te!›",
        "“!” after a word means nothing here",
        "List the words with OR.",
    ),
    (
        "A AND ‹%tesla%›",
        "“%” before a word means nothing here",
        "For all words that begin like this, write tesla*; otherwise remove the “%”.",
    ),
    (
        "A AND ‹–recall›",
        "“–” before a word means nothing here",
        "To leave articles out, write AND NOT recall.",
    ),
    (
        "A ‹->› B",
        "“-” before a word means nothing here",
        "Write ONEAR/5 between words that follow one another, or AND.",
    ),
    (
        "‹++Tesla› AND A",
        "“+” before a word means nothing here",
        "AND requires all its parts: write AND Tesla.",
    ),
    # Fields and functions that are elsewhere
    (
        "‹site:› reuters.com AND A",
        "“site:” is not a field",
        "Write source:reuters, or url: and a part of its address.",
    ),
    (
        "A AND ‹title.keyword:›tesla",
        "“title.keyword:” is not a field",
        "Write title:missile.",
    ),
    (
        "A AND ‹since:›2024-01-01",
        "“since:” is not a field",
        "There are no dates in rules: a watchlist alerts on what comes from now on. If the colon "
        "belongs to the text, put that in quotes.",
    ),
    (
        "A ‹NEAR(›5) B",
        "“NEAR(” is not a function",
        "Write it between the words: a NEAR/5 b.",
    ),
    (
        "‹plural(›car) AND A",
        "“plural(” is not a function",
        'Put the word in quotes to find just this form: "car".',
    ),
    # NEAR
    (
        "A ‹NEAR› B",
        "NEAR needs a distance",
        "Write NEAR/5 (at most five words between), NEAR/s (same sentence) or NEAR/p (same "
        'paragraph). To look for the word itself, put it in quotes: "near".',
    ),
    (
        "A ‹NEAR/› B",
        "NEAR needs a distance",
        "Write NEAR/5 (at most five words between), NEAR/s (same sentence) or NEAR/p (same "
        'paragraph). To look for the word itself, put it in quotes: "near".',
    ),
    (
        "A ‹ONEAR› B",
        "ONEAR needs a distance",
        "Write ONEAR/5 (in this order, at most five words between). To look for the word "
        'itself, put it in quotes: "onear".',
    ),
    (
        "‹NEAR› EAST",
        "NEAR needs a distance",
        "Write NEAR/5 (at most five words between), NEAR/s (same sentence) or NEAR/p (same "
        'paragraph). To look for the word itself, put it in quotes: "near".',
    ),
    (
        "A ‹NEAR/x› B",
        "“NEAR/x” does not say how near",
        "Write NEAR/5 (at most five words between), NEAR/s (same sentence) or NEAR/p (same "
        "paragraph).",
    ),
    (
        "A ‹NEAR/-1› B",
        "“NEAR/-1” does not say how near",
        "Write NEAR/5 (at most five words between), NEAR/s (same sentence) or NEAR/p (same "
        "paragraph).",
    ),
    (
        "A ‹NEAR/5.5› B",
        "“NEAR/5.5” does not say how near",
        "Write NEAR/5 (at most five words between), NEAR/s (same sentence) or NEAR/p (same "
        "paragraph).",
    ),
    (
        "A ‹NEAR/S› B",
        "“NEAR/S” is not an operator here",
        "Write NEAR/s instead.",
    ),
    (
        "A ‹NEAR/1001› B",
        "“NEAR/1001”: more than 1000 words is not near",
        "Write a number from 0 to 1000, or NEAR/p for one paragraph, or AND.",
    ),
    (
        "A ‹NEAR/99999999999999999999› B",
        "“NEAR/99999999999999999999”: more than 1000 words is not near",
        "Write a number from 0 to 1000, or NEAR/p for one paragraph, or AND.",
    ),
    (
        "A ‹ONEAR/s› B",
        "“ONEAR/s”: ONEAR takes a number of words only",
        "Write NEAR/s, or ONEAR/5 for this order and at most five words.",
    ),
    (
        "A ‹ONEAR/p› B",
        "“ONEAR/p”: ONEAR takes a number of words only",
        "Write NEAR/p, or ONEAR/5 for this order and at most five words.",
    ),
    (
        "A ‹near/3› B",
        "“near/3” is not an operator here",
        "Write NEAR/3 instead.",
    ),
    (
        "A ‹ONear/3› B",
        "“ONear/3” is not an operator here",
        "Write ONEAR/3 instead.",
    ),
    (
        "A ‹NEAR/5f› B",
        "“NEAR/5f” is not an operator here",
        "Write ONEAR/5.",
    ),
    (
        '"fighter jet"‹~5›',
        "“~5” is not an operator here",
        "Write fighter NEAR/5 jet instead.",
    ),
    (
        '"fighter jet" ‹~5›',
        "“~5” is not an operator here",
        "Write a NEAR/5 b instead.",
    ),
    (
        '"jet"‹~2›',
        "“~2” is not an operator here",
        "Similar words are not matched: write each spelling with OR, or jet*.",
    ),
    (
        "A ‹w/5› B",
        "“w/5” is not an operator here",
        "Write NEAR/4, or ONEAR/4 for this order; the number counts the words between.",
    ),
    (
        "A ‹w/s› B",
        "“w/s” is not an operator here",
        "Write NEAR/s instead.",
    ),
    (
        "A ‹W/p› B",
        "“W/p” is not an operator here",
        "Write NEAR/p instead.",
    ),
    (
        "A ‹w/sent› B",
        "“w/sent” is not an operator here",
        "Write NEAR/s instead.",
    ),
    (
        "A ‹/para› B",
        "“/para” is not an operator here",
        "Write NEAR/p instead.",
    ),
    (
        "A ‹w/1› B",
        "“w/1” is not an operator here",
        "Write NEAR/0, or ONEAR/0 for this order; the number counts the words between.",
    ),
    (
        "A ‹/s› B",
        "“/s” is not an operator here",
        "Write NEAR/s instead.",
    ),
    (
        "A ‹/5› B",
        "“/5” is not an operator here",
        "Write NEAR/4, or ONEAR/4 for this order; the number counts the words between.",
    ),
    (
        "A ‹+5› B",
        "“+5” is not an operator here",
        "Write ONEAR/4; the number counts the words between.",
    ),
    (
        "A ‹pre/5› B",
        "“pre/5” is not an operator here",
        "Write ONEAR/4; the number counts the words between.",
    ),
    (
        "A ‹near5› B",
        "“near5” is not an operator here",
        "Write NEAR/4, or ONEAR/4 for this order; the number counts the words between.",
    ),
    (
        "A ‹PRE/3› B",
        "“PRE/3” is not an operator here",
        "Write ONEAR/2; the number counts the words between.",
    ),
    (
        "A ‹adj5› B",
        "“adj5” is not an operator here",
        "Write ONEAR/4; the number counts the words between.",
    ),
    (
        "A ‹AROUND(›5) B",
        "“AROUND(” is not an operator here",
        "Write NEAR/5, with the number of words between: Turkey NEAR/5 Pakistan.",
    ),
    (
        "‹NEAR/5› A",
        "there is nothing before NEAR/5",
        "Write a word before NEAR/5.",
    ),
    (
        "A ‹NEAR/5›",
        "nothing follows NEAR/5",
        "Write what should follow it, or remove NEAR/5.",
    ),
    (
        "A AND ‹NEAR/5› B",
        "NEAR/5 follows AND directly",
        "Remove one of them, or write a word between AND and NEAR/5.",
    ),
    (
        "A NEAR/5 ‹OR› B",
        "OR follows NEAR/5 directly",
        "Remove one of them, or write a word between NEAR/5 and OR.",
    ),
    (
        "A NEAR/5 ‹NEAR/6› B",
        "NEAR/6 follows NEAR/5 directly",
        "Remove one of them, or write a word between NEAR/5 and NEAR/6.",
    ),
    (
        "A NEAR/5 ‹NOT› B",
        "NOT follows NEAR/5 directly",
        "Write the NOT before both: a AND NOT (a NEAR/5 b).",
    ),
    (
        "A ‹NOT› NEAR/5 B",
        "NOT cannot join two parts",
        "Write a AND NOT (a NEAR/5 b).",
    ),
    (
        "A AND NOT ‹NEAR/5› B",
        "NEAR/5 follows NOT directly",
        "Write the NOT before both: a AND NOT (a NEAR/5 b).",
    ),
    (
        "A NEAR/5 ‹(B AND C)›",
        "NEAR takes words, phrases, lists and ORs of them, not AND",
        "Write a NEAR for each: (a NEAR/5 b) AND (a NEAR/5 c).",
    ),
    (
        "A NEAR/5 ‹(B OR NOT C)›",
        "NEAR takes words, phrases, lists and ORs of them, not NOT",
        "Write the NOT before both: a AND NOT (a NEAR/5 b).",
    ),
    (
        "‹(A NEAR/5 B)› NEAR/5 C",
        "NEAR takes words, phrases, lists and ORs of them, not another NEAR",
        "Write a chain without parentheses: a NEAR/5 b NEAR/5 c.",
    ),
    (
        "A NEAR/5 ‹title:(B NEAR/3 C)›",
        "NEAR takes words, phrases, lists and ORs of them, not another NEAR",
        "Write a chain without parentheses: a NEAR/5 b NEAR/5 c.",
    ),
    (
        "A NEAR/5 ‹source:bbc›",
        "NEAR takes words, phrases, lists and ORs of them, not metadata",
        "Write the test outside it: (a NEAR/5 b) AND source:reuters.",
    ),
    (
        "‹atleast2(A)› NEAR/5 B",
        "NEAR takes words, phrases, lists and ORs of them, not atleast",
        "Count the NEAR itself: atleast2(a NEAR/5 b).",
    ),
    (
        "A NEAR/5 ‹any1(B, C)›",
        "NEAR takes words, phrases, lists and ORs of them, not any",
        "Write OR between the alternatives: a NEAR/5 (b OR c).",
    ),
    (
        "A NEAR/5 ‹$jet›",
        "NEAR takes words, phrases, lists and ORs of them; the list $jet contains AND",
        "Write a NEAR for each: (a NEAR/5 b) AND (a NEAR/5 c).",
    ),
    # Counts
    (
        "‹atleast(›A)",
        "atleast(…) needs a number",
        "Write atleast3(missile OR rocket).",
    ),
    (
        "‹any(›A, B)",
        "any(…) needs a number",
        "Write any2(missile, rocket, launch).",
    ),
    (
        "‹atleast0(›A)",
        "atleast cannot count to 0",
        "Write a number from 1 to 1000: atleast3(missile OR rocket).",
    ),
    (
        "‹atleast1001(›A)",
        "atleast cannot count to 1001",
        "Write a number from 1 to 1000: atleast3(missile OR rocket).",
    ),
    (
        "‹any0(›A)",
        "any cannot count to 0",
        "Write a number from 1 to 1000: any2(missile, rocket, launch).",
    ),
    (
        "‹any1001(›A)",
        "any cannot count to 1001",
        "Write a number from 1 to 1000: any2(missile, rocket, launch).",
    ),
    (
        "‹atleast3(›)",
        "atleast3(…) is empty",
        "Write what to count between them: atleast3(missile OR rocket).",
    ),
    (
        "‹any2(›)",
        "any2(…) is empty",
        "Write what to count between them: any2(missile, rocket, launch).",
    ),
    (
        "atleast3(A‹,› B)",
        "“,” means nothing here",
        "Write OR between alternatives, or put a phrase that contains it in quotes.",
    ),
    (
        "atleast3(‹A AND B›)",
        "atleast counts words, phrases, lists, ORs of them, or one NEAR, not AND",
        "Write a count for each: atleast3(a) AND atleast3(b).",
    ),
    (
        "atleast3(‹A OR NOT B›) AND C",
        "atleast counts words, phrases, lists, ORs of them, or one NEAR, not NOT",
        "Write the NOT before it: b AND NOT atleast3(a).",
    ),
    (
        "atleast3(‹A NEAR/5 B OR C›)",
        "atleast counts words, phrases, lists, ORs of them, or one NEAR, not a NEAR and more",
        "Write a count for each: atleast3(a NEAR/5 b) OR atleast3(c).",
    ),
    (
        "atleast3(‹A OR source:bbc›)",
        "atleast counts words, phrases, lists, ORs of them, or one NEAR, not metadata",
        "Write the test outside it: atleast3(a) AND source:reuters.",
    ),
    (
        "atleast3(‹atleast2(A)›)",
        "atleast counts words, phrases, lists, ORs of them, or one NEAR, not another atleast",
        "Write one number: atleast3(a OR b).",
    ),
    (
        "atleast3(‹any1(A, B)›)",
        "atleast counts words, phrases, lists, ORs of them, or one NEAR, not any",
        "Write OR to count the mentions of all: atleast3(a OR b OR c).",
    ),
    (
        "atleast3(‹$jet›)",
        "atleast counts words, phrases, lists, ORs of them, or one NEAR; "
        "the list $jet contains AND",
        "Write a count for each: atleast3(a) AND atleast3(b).",
    ),
    (
        "‹any2(›A)",
        "any2 asks for 2 parts, but its parentheses contain 1",
        "Put commas between the parts, each with a space after it: any2(a, b, c).",
    ),
    (
        "‹any2(›A OR B)",
        "any2 asks for 2 parts, but its parentheses contain 1",
        "Put commas between the parts, each with a space after it: any2(a, b, c).",
    ),
    (
        "‹any2(›2019,2020)",
        "any2 asks for 2 parts, but its parentheses contain 1",
        "Put commas between the parts, each with a space after it: any2(a, b, c).",
    ),
    (
        "‹any3(›A, B)",
        "any3 asks for 3 parts, but its parentheses contain 2",
        "Write any2(…), or add parts with commas between them: any2(a, b, c).",
    ),
    (
        "‹any3(›$turkey)",
        "any3 asks for 3 parts, but the list $turkey has 2",
        "Write any2(…), or add parts with commas between them: any2(a, b, c).",
    ),
    (
        "any2(A‹,›)",
        "nothing follows this comma",
        "Write something between the commas, or remove one: any2(a, b, c).",
    ),
    (
        "any2(‹,› A)",
        "there is nothing before this comma",
        "Write something between the commas, or remove one: any2(a, b, c).",
    ),
    (
        "any2(A‹,›, B)",
        "nothing follows this comma",
        "Write something between the commas, or remove one: any2(a, b, c).",
    ),
    (
        "any2(A ‹AND›, B)",
        "nothing follows AND",
        "Write what should follow it, or remove AND.",
    ),
    (
        "any2((A‹,› B), C)",
        "“,” means nothing here",
        "Write OR between alternatives, or put a phrase that contains it in quotes.",
    ),
    (
        "A‹,› B",
        "“,” means nothing here",
        "Write OR between alternatives, or put a phrase that contains it in quotes.",
    ),
    (
        "A‹,›B",
        "“,” means nothing here",
        "Write OR between alternatives, or put a phrase that contains it in quotes.",
    ),
    (
        "A OR B‹,› C",
        "“,” means nothing here",
        "Write OR between alternatives, or put a phrase that contains it in quotes.",
    ),
    (
        "‹title:›, A",
        "title: needs a word",
        "Write what to look for there: title:missile.",
    ),
]


@pytest.mark.parametrize(("marked", "message", "hint"), MISTAKES)
def test_mistakes(marked: str, message: str, hint: str) -> None:
    """Every kind of mistake says what is wrong, where, and what to write instead."""
    expression = marked.replace("‹", "").replace("›", "")
    start, end = marked.index("‹"), marked.index("›") - 1
    error = mistake(expression)
    assert (error.message, error.hint) == (message, hint)
    assert (error.start, error.end) == (start, max(end, start + 1))


@pytest.mark.parametrize(
    ("expression", "first", "second"),
    [
        ("A AND B OR C", "(A AND B) OR C", "A AND (B OR C)"),
        ("A OR B AND C", "A OR (B AND C)", "(A OR B) AND C"),
        ("A AND NOT B OR C", "(A AND NOT B) OR C", "A AND (NOT B OR C)"),
        (
            "A AND (x OR y) OR cs(C) AND title:D",
            "(A AND (x OR y)) OR (cs(C) AND title:D)",
            "A AND ((x OR y) OR cs(C)) AND title:D",
        ),
        (
            "A NEAR/5 B AND C OR any2(D, E)",
            "(A NEAR/5 B AND C) OR any2(D, E)",
            "A NEAR/5 B AND (C OR any2(D, E))",
        ),
    ],
)
def test_a_mixture_shows_both_bracketings(expression: str, first: str, second: str) -> None:
    """AND beside OR is refused, and both readings are offered; the offers are valid."""
    error = mistake(expression)
    assert error.message == "AND and OR are mixed without parentheses"
    assert error.hint == f"Write {first} or {second}, whichever you mean."
    assert (error.start, error.end) == (0, len(expression))
    parse(first)


@pytest.mark.parametrize(
    "marked", ["x AND (‹A AND B OR C›)", "any2(x, ‹A AND B OR C›, y)", "atleast2(‹A OR B AND C›)"]
)
def test_a_mixture_is_pointed_at_where_it_is(marked: str) -> None:
    """Inside a group or a function only what stands in it is underlined."""
    error = mistake(marked.replace("‹", "").replace("›", ""))
    assert error.message == "AND and OR are mixed without parentheses"
    assert (error.start, error.end) == (marked.index("‹"), marked.index("›") - 1)


ALPHABET = st.sampled_from(
    [
        *'AB ()"“”«»$:*?,/~^!+-é日3٣²ſ\u200d',
        *("AND ", "OR ", "NOT ", "NEAR/5 ", "ONEAR/2 ", "NEAR/s ", "near", "w/5 ", "1,0", "jet "),
        *("cs(", "caps(", "atleast2(", "any2(", "title:", "source:", "$turkey"),
    ]
)


@given(st.lists(ALPHABET, max_size=30).map("".join))
def test_whatever_is_written_gives_a_tree_or_a_query_error(text: str) -> None:
    """The parser is total, points into the expression, and always says what to write."""
    try:
        parse(text, LISTS)
    except QueryError as error:
        assert 0 <= error.start < error.end <= max(len(text), 1)
        assert error.hint
        assert error.message
