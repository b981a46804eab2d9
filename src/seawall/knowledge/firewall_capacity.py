"""What AWS's managed rule groups take of a web ACL's capacity, in web ACL capacity units (WCU).

Source: AWS WAF Developer Guide, "AWS Managed Rules rule groups list" (awsdocs/aws-waf-and-shield-advanced-developer-
guide) and "Web ACL capacity units (WCUs) in AWS WAF", read 2026-11-22.
"""

from __future__ import annotations

from typing import Final

INCLUDED: Final = 1_500
"""What the basic price of a web ACL covers; requests to one that has more are charged more."""

MANAGED: Final[dict[str, int]] = {
    "AWS/AWSManagedRulesAdminProtectionRuleSet": 100,
    "AWS/AWSManagedRulesAmazonIpReputationList": 25,
    "AWS/AWSManagedRulesAnonymousIpList": 50,
    "AWS/AWSManagedRulesBotControlRuleSet": 50,
    "AWS/AWSManagedRulesCommonRuleSet": 700,
    "AWS/AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWS/AWSManagedRulesLinuxRuleSet": 200,
    "AWS/AWSManagedRulesPHPRuleSet": 100,
    "AWS/AWSManagedRulesSQLiRuleSet": 200,
    "AWS/AWSManagedRulesUnixRuleSet": 100,
    "AWS/AWSManagedRulesWindowsRuleSet": 200,
    "AWS/AWSManagedRulesWordPressRuleSet": 100,
}
"""By vendor and name; of a group's newest version."""
