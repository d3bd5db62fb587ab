print "<p>$ENV{HOME}</p>\n";
